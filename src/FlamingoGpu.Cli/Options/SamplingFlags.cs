using System.Globalization;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary>How tokens are chosen; llama.cpp's spellings.</summary>
internal static class SamplingFlags
{
    /// <summary><c>--max-new-tokens</c>.</summary>
    public static readonly Flag<int?> MaxNewTokens = Flag.Number(
        "--max-new-tokens", "Most tokens to generate.", "20, for vqa 5", "-n", "--n-predict");

    /// <summary><c>--temp</c>.</summary>
    public static readonly Flag<double?> Temperature = Flag.Real(
        "--temp", "Sampling temperature; 0 takes the most likely token.", "0");

    /// <summary><c>--top-k</c>.</summary>
    public static readonly Flag<int?> TopK = Flag.Number(
        "--top-k", "Draw from the k most likely tokens; 0 is all.", "0");

    /// <summary><c>--top-p</c>.</summary>
    public static readonly Flag<double?> TopP = Flag.Real(
        "--top-p", "Draw from the most likely tokens that together have this probability.", "1");

    /// <summary><c>--min-p</c>.</summary>
    public static readonly Flag<double?> MinP = Flag.Real(
        "--min-p", "Draw from tokens at least this share as likely as the likeliest.", "0");

    /// <summary><c>--repeat-penalty</c>.</summary>
    public static readonly Flag<double?> RepeatPenalty = Flag.Real(
        "--repeat-penalty", "Above 1 makes tokens that occurred less likely.", "1");

    /// <summary><c>--seed</c>.</summary>
    public static readonly Flag<ulong?> Seed = Flag.Of(
        "--seed", "N", "Seed of the draws: the same seed gives the same text.", "a whole number of at least 0",
        text => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture), "0", "-s");

    /// <summary><c>--num-beams</c>.</summary>
    public static readonly Flag<int?> NumBeams = Flag.Number("--num-beams", "Beams of beam search; 1 is none.", "1");

    /// <summary><c>--length-penalty</c>.</summary>
    public static readonly Flag<double?> LengthPenalty = Flag.Real(
        "--length-penalty", "Exponent of the length a beam's score is divided by.", "1");

    /// <summary><c>--stop</c>.</summary>
    public static readonly Flag<IReadOnlyList<string>> Stop = Flag.Texts(
        "--stop", "TEXT", "End generation before this text; repeatable.");

    /// <summary><c>--ignore-eos</c>.</summary>
    public static readonly Flag<bool> IgnoreEos = Flag.Switch(
        "--ignore-eos", "Never choose <|endofchunk|> or end of text, so that all tokens asked for are generated.");

    /// <summary>All of them.</summary>
    public static readonly FlagGroup All = new(
        "Sampling", MaxNewTokens, Temperature, TopK, TopP, MinP, RepeatPenalty, Seed, NumBeams, LengthPenalty, Stop, IgnoreEos);

    /// <summary>The library's options; how many tokens and which ids are banned is up to the caller.</summary>
    /// <exception cref="InvalidRequestException">A value is not understood or out of range.</exception>
    public static GenerationOptions Read(Settings settings)
    {
        var defaults = new GenerationOptions();
        var options = defaults with
        {
            MaxNewTokens = settings.Get(MaxNewTokens) ?? defaults.MaxNewTokens,
            Temperature = settings.Get(Temperature) ?? defaults.Temperature,
            TopK = settings.Get(TopK) ?? defaults.TopK,
            TopP = settings.Get(TopP) ?? defaults.TopP,
            MinP = settings.Get(MinP) ?? defaults.MinP,
            RepetitionPenalty = settings.Get(RepeatPenalty) ?? defaults.RepetitionPenalty,
            Seed = settings.Get(Seed) ?? defaults.Seed,
            NumBeams = settings.Get(NumBeams) ?? defaults.NumBeams,
            LengthPenalty = settings.Get(LengthPenalty) ?? defaults.LengthPenalty,
            StopTexts = settings.Get(Stop),
        };
        options.Validate();
        return options;
    }
}
