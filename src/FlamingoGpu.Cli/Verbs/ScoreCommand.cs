using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary><c>score</c>: how likely given continuations of a prompt are, the likeliest first.</summary>
internal sealed class ScoreCommand : CliCommand
{
    private static readonly Flag<IReadOnlyList<string>> Continuations = Flag.Texts(
        "--continuation", "TEXT", "A text to score behind the prompt; repeatable.");
    private static readonly Flag<string?> RankBy = Flag.Text(
        "--rank-by", "mean|sum", "Order by log-probability per token (as open_flamingo ranks) or of the whole "
            + "text.", "mean", []);
    private readonly Argument<string?> _prompt;

    /// <summary>Declares flags and arguments.</summary>
    public ScoreCommand()
        : base(
            "score", "Rank given continuations of a prompt by their log-likelihood.",
            "score -m weights/flamingo-tiny --image cat.jpg \"<image>Output:\" --continuation \"a cat\" "
                + "--continuation \"a dog\"")
    {
        _prompt = TakeArgument("prompt", "The prompt, in which <image> marks the place of a picture; '-' reads "
            + "standard input.");
        Take(
            new FlagGroup("Score", Continuations, RankBy), new FlagGroup("Prompt", PromptFlags.Prompt), PromptFlags.Pictures,
            ModelFlags.Files, ModelFlags.Running, OutputFlags.Common);
    }

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        var text = PromptFlags.ReadText(settings, settings.Get(_prompt), context) ?? "";
        var request = PromptFlags.ReadGeneric(settings, text, context);
        var continuations = settings.Get(Continuations);
        if (continuations.Count == 0)
            throw new InvalidRequestException("nothing to score: give at least one --continuation TEXT.");
        Func<ContinuationScore, double> order = settings.Get(RankBy) switch
        {
            "mean" => score => score.Mean,
            "sum" => score => score.Sum,
            var other => throw new InvalidRequestException($"--rank-by is '{other}'; expected mean or sum."),
        };
        using var session = ModelSession.Load(settings, context);
        var flamingo = session.Flamingo;
        var prompt = flamingo.Encode(request.Prompt, [.. request.Images.Select(flamingo.Prepare)], settings.Get(PromptFlags.Special));
        var scores = context.Interrupts.RunStoppable(token => flamingo.Score(prompt, continuations, token));
        var ranked = continuations.Zip(scores).OrderByDescending(item => order(item.Second)).ToList();
        if (settings.Get(OutputFlags.Json)) JsonOutput.Write(context.Output, json => WriteJson(json, prompt.TokenIds.Count, ranked));
        else WriteText(context.Output, ranked);
        return ExitCodes.Ok;
    }

    private static void WriteText(TextWriter output, IEnumerable<(string Text, ContinuationScore Score)> ranked)
    {
        var table = new TextTable("mean>", "sum>", "tokens>", "continuation");
        foreach (var (text, score) in ranked)
        {
            table.Add(
                score.Mean.ToString("0.0000", CultureInfo.InvariantCulture), score.Sum.ToString("0.0000", CultureInfo.InvariantCulture),
                Units.Count(score.TokenIds.Count), text);
        }

        table.Write(output);
    }

    private static void WriteJson(Utf8JsonWriter json, int promptTokens, IEnumerable<(string Text, ContinuationScore Score)> ranked)
    {
        json.WriteStartObject();
        json.WriteNumber("prompt_tokens", promptTokens);
        json.WriteStartArray("continuations");
        foreach (var (text, score) in ranked)
        {
            json.WriteStartObject();
            json.WriteString("text", text);
            json.WriteNumber("mean", score.Mean);
            json.WriteNumber("sum", score.Sum);
            json.WriteNumbers("ids", score.TokenIds.Select(id => (long)id));
            json.WriteStartArray("log_probabilities");
            foreach (var value in score.TokenLogProbabilities) json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
