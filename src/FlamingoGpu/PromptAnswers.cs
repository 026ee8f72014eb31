using FlamingoGpu.Core;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu;

/// <summary>
/// Answers requests as the command line and prompt files state them: pictures by name, a task, options.
/// </summary>
public static class PromptAnswers
{
    /// <summary>Where a caption ends besides its end-of-chunk token: the next demonstration begins.</summary>
    private static readonly string[] CaptionStops = ["Output"];

    /// <summary>Where a short answer ends; all of them cut what <see cref="VqaAnswer.Clean"/> cuts.</summary>
    private static readonly string[] VqaStops = ["Question", "Answer", "Short", ", "];

    /// <summary>Most new tokens of a task when nobody says otherwise: what OpenFlamingo was evaluated with.</summary>
    public static int DefaultMaxNewTokens(this PromptTask task) => task == PromptTask.Vqa ? 5 : 20;

    /// <summary>
    /// Answers all requests. Requests with the same options run as one batch, which changes none of their answers.
    /// </summary>
    /// <param name="flamingo">The model; afterwards its last timings are those of all requests together.</param>
    /// <param name="requests">The requests; what they state themselves comes before
    /// <paramref name="defaults"/>.</param>
    /// <param name="defaults">Options of requests that state none.</param>
    /// <param name="maxNewTokens">Most new tokens of requests that state none; null goes by their task.</param>
    /// <param name="parseSpecial">Special tokens written in texts count as such, in requests that do not state
    /// it.</param>
    /// <param name="onText">Gets (request, text) while it is generated; the pieces of a request join to its
    /// answer.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>One answer per request, in order.</returns>
    /// <exception cref="InvalidRequestException">An option or prompt is out of range.</exception>
    /// <exception cref="InvalidFileException">A picture cannot be read.</exception>
    /// <exception cref="DeviceException">A batch does not fit the memory.</exception>
    /// <exception cref="NonFiniteException">A result is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<Answer> Answer(
        this Flamingo flamingo, IReadOnlyList<PromptRequest> requests, GenerationOptions defaults, int? maxNewTokens = null,
        bool parseSpecial = false, Action<int, string>? onText = null, CancellationToken cancellation = default)
    {
        var inputs = requests.Select(request => flamingo.Encode(
            request.Prompt, [.. request.Images.Select(flamingo.Prepare)], request.Options.ParseSpecial ?? parseSpecial)).ToList();
        var options = requests.Select(request => OptionsOf(request, defaults, maxNewTokens)).ToList();
        var answers = new Answer[requests.Count];
        var timings = new Timings();
        foreach (var group in Enumerable.Range(0, requests.Count).GroupBy(i => KeyOf(options[i])))
        {
            var members = group.ToList();
            Action<int, string>? show = onText is null
                ? null
                : (row, text) => Show(requests[members[row]].Task, members[row], text, onText);
            var results =
                flamingo.Generate([.. members.Select(i => inputs[i])], options[members[0]], show, cancellation);
            for (var row = 0; row < members.Count; row++)
            {
                var task = requests[members[row]].Task;
                answers[members[row]] = new Answer(task, Clean(task, results[row].Text), results[row]);
            }

            timings = timings.Plus(flamingo.LastTimings);
        }

        flamingo.LastTimings = timings;
        return answers;
    }

    private static void Show(PromptTask task, int request, string text, Action<int, string> onText)
    {
        if (task == PromptTask.Caption) text = text.Replace("\"", "", StringComparison.Ordinal);
        if (text.Length > 0) onText(request, text);
    }

    private static string Clean(PromptTask task, string text) => task switch
    {
        PromptTask.Caption => CaptionAnswer.Clean(text),
        PromptTask.Vqa => VqaAnswer.Clean(text),
        _ => text,
    };

    private static GenerationOptions OptionsOf(PromptRequest request, GenerationOptions defaults, int? maxNewTokens)
    {
        var own = request.Options;
        string[] taskStops = request.Task switch { PromptTask.Caption => CaptionStops, PromptTask.Vqa => VqaStops, _ => [] };
        return defaults with
        {
            MaxNewTokens = own.MaxNewTokens ?? maxNewTokens ?? request.Task.DefaultMaxNewTokens(),
            Temperature = own.Temperature ?? defaults.Temperature,
            TopK = own.TopK ?? defaults.TopK,
            TopP = own.TopP ?? defaults.TopP,
            MinP = own.MinP ?? defaults.MinP,
            RepetitionPenalty = own.RepetitionPenalty ?? defaults.RepetitionPenalty,
            Seed = own.Seed is { } seed ? (ulong)seed : defaults.Seed,
            NumBeams = own.NumBeams ?? defaults.NumBeams,
            LengthPenalty = own.LengthPenalty ?? defaults.LengthPenalty,
            StopTexts = [.. taskStops, .. own.Stop.Count > 0 ? own.Stop : defaults.StopTexts],
        };
    }

    /// <summary>Equal for options that may share a batch; lists compare by identity, so the texts are joined.</summary>
    private static (GenerationOptions Options, string Stops) KeyOf(GenerationOptions options) =>
        (options with { StopTexts = Array.Empty<string>() }, string.Join('\0', options.StopTexts));
}
