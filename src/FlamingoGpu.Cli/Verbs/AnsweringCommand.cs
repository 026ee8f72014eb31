using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Cli;

/// <summary>What <c>generate</c>, <c>caption</c> and <c>vqa</c> share: load, answer, print.</summary>
internal abstract class AnsweringCommand : CliCommand
{
    /// <summary>Names the verb.</summary>
    protected AnsweringCommand(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
    }

    /// <summary>The requests that the flags state.</summary>
    protected abstract IReadOnlyList<PromptRequest> ReadRequests(Settings settings, CliContext context);

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        var options = SamplingFlags.Read(settings);
        var (json, verbose) = (settings.Get(OutputFlags.Json), settings.Get(OutputFlags.Verbose));
        var streams = !json && !settings.Get(OutputFlags.NoStream);
        var requests = ReadRequests(settings, context);
        using var session = ModelSession.Load(settings, context, LargestRequest(settings, options, requests));
        if (settings.Get(SamplingFlags.IgnoreEos)) options = options with { BannedIds = session.Flamingo.DefaultStopIds };

        var stream = streams && requests.Count == 1
            ? (Action<int, string>)((_, text) => Show(context.Output, text))
            : null;
        IReadOnlyList<Answer> answers;
        try
        {
            answers = context.Interrupts.RunStoppable(token => session.Flamingo.Answer(
                requests, options, settings.Get(SamplingFlags.MaxNewTokens), settings.Get(PromptFlags.Special), stream, token));
        }
        catch (OperationCanceledException) when (stream is not null)
        {
            Show(context.Output, "\n"); // what was printed stays, as a whole line
            throw;
        }

        if (json) JsonOutput.Write(context.Output, writer => WriteJson(writer, settings, session, answers));
        else if (stream is not null) Show(context.Output, "\n");
        else foreach (var answer in answers) Show(context.Output, answer.Text + "\n");
        if (verbose) session.Report.Write(context.Error, session.Kernels);
        return ExitCodes.Ok;
    }

    private static void Show(TextWriter output, string text)
    {
        output.Write(text);
        output.Flush();
    }

    /// <summary>
    /// What can be known of the request before the tokenizer is loaded: with <c>--ctx-size</c> the whole context,
    /// otherwise the new tokens and media alone. The exact plan is checked again before the request runs.
    /// </summary>
    internal static RequestShape LargestRequest(Settings settings, GenerationOptions options, IReadOnlyList<PromptRequest> requests)
    {
        var newTokens = requests.Max(request => request.Options.MaxNewTokens ?? settings.Get(SamplingFlags.MaxNewTokens) ?? request.Task.DefaultMaxNewTokens());
        var prompt = Math.Max(1, (settings.Get(ModelFlags.Context) ?? 0) - newTokens);
        if (newTokens < 0)
            throw new InvalidRequestException($"--max-new-tokens is {newTokens}; it must be at least 0.");
        return new RequestShape(requests.Count, prompt, newTokens, requests.Sum(request => request.Images.Count), Replicas: options.NumBeams);
    }

    private static void WriteJson(Utf8JsonWriter json, Settings settings, ModelSession session, IReadOnlyList<Answer> answers)
    {
        var isBatch = settings.Get(PromptFlags.PromptFile) is not null;
        if (isBatch) json.WriteStartArray();
        foreach (var answer in answers) WriteJson(json, session, answer);
        if (isBatch) json.WriteEndArray();
    }

    private static void WriteJson(Utf8JsonWriter json, ModelSession session, Answer answer)
    {
        json.WriteStartObject();
        json.WriteString("task", answer.Task.ToString().ToLowerInvariant());
        json.WriteString("text", answer.Text);
        json.WriteNumbers("ids", answer.Generation.TokenIds.Select(id => (long)id));
        json.WriteString("finish_reason", answer.Generation.Finish switch
        {
            FinishReason.StopToken => "stop_token",
            FinishReason.StopText => "stop_text",
            _ => "length",
        });
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", answer.Generation.PromptTokens);
        json.WriteNumber("completion_tokens", answer.Generation.TokenIds.Count);
        json.WriteNumber("total_tokens", answer.Generation.PromptTokens + answer.Generation.TokenIds.Count);
        json.WriteEndObject();
        json.WriteString("model", session.Flamingo.Model.Config.Name);
        session.Report.Write(json);
        json.WriteEndObject();
    }
}
