using FlamingoGpu.Core;
using FlamingoGpu.Models;

namespace FlamingoGpu;

/// <summary>
/// How tokens are chosen and when generation ends. Defaults are greedy. The order of the filters is that of the Python
/// reference: repetition penalty, temperature, top-k, top-p, min-p.
/// </summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to generate, at least 0.</summary>
    public int MaxNewTokens { get; init; } = 20;

    /// <summary>0 takes the most likely token; above, logits are divided by it and a token is drawn.</summary>
    public double Temperature { get; init; }

    /// <summary>Keeps only the k most likely tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the smallest set of most likely tokens whose probabilities reach this sum; 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keeps tokens at least this fraction as likely as the most likely one; 0 keeps all.</summary>
    public double MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens already in the sequence; 1 does nothing.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Seed of the draws. The same seed gives the same text for any number of threads and in any batch.</summary>
    public ulong Seed { get; init; }

    /// <summary>Beams; 1 is greedy or sampling.</summary>
    public int NumBeams { get; init; } = 1;

    /// <summary>Exponent of the length a beam's score is divided by.</summary>
    public double LengthPenalty { get; init; } = 1;

    /// <summary>What counts as the length of a beam.</summary>
    public BeamLength BeamLength { get; init; } = BeamLength.WholeSequence;

    /// <summary>Ids that end generation; they are part of the ids, not of the text.</summary>
    public IReadOnlyList<int> StopIds { get; init; } = [];

    /// <summary>Texts that end generation; the text is cut before them.</summary>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    /// <summary>Ids that are never chosen (the image marker cannot be fed back).</summary>
    public IReadOnlyList<int> BannedIds { get; init; } = [];

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidRequestException">Names the option, its value and its range.</exception>
    public void Validate()
    {
        Require(MaxNewTokens >= 0, "--max-new-tokens", MaxNewTokens, "at least 0");
        Require(Temperature >= 0 && double.IsFinite(Temperature), "--temp", Temperature, "at least 0");
        Require(TopK >= 0, "--top-k", TopK, "at least 0");
        Require(TopP is > 0 and <= 1, "--top-p", TopP, "above 0, at most 1");
        Require(MinP is >= 0 and <= 1, "--min-p", MinP, "0 to 1");
        Require(RepetitionPenalty > 0 && double.IsFinite(RepetitionPenalty), "--repeat-penalty", RepetitionPenalty, "above 0");
        Require(NumBeams is >= 1 and <= 64, "--num-beams", NumBeams, "1 to 64");
        Require(double.IsFinite(LengthPenalty), "--length-penalty", LengthPenalty, "finite");
        if (NumBeams > 1 && Temperature > 0)
            throw new InvalidRequestException($"--num-beams {NumBeams} and --temp {Temperature} exclude each other; beam search draws nothing.");
        if (StopTexts.Any(string.IsNullOrEmpty)) throw new InvalidRequestException("--stop is empty; give a text that ends generation.");
    }

    /// <summary>How a step on the device chooses tokens.</summary>
    internal TokenChoice Choice => new((float)Temperature, TopK, (float)TopP, (float)MinP, (float)RepetitionPenalty);

    private static void Require(bool holds, string option, object value, string range)
    {
        if (!holds) throw new InvalidRequestException(FormattableString.Invariant($"{option} is {value}; it must be {range}."));
    }
}
