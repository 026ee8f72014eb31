using System.CommandLine;
using FlamingoGpu.Core;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Cli;

/// <summary><c>vqa</c>: answers a question about a picture.</summary>
internal sealed class VqaCommand : AnsweringCommand
{
    private readonly Argument<string?> _question;

    /// <summary>Declares flags and arguments.</summary>
    public VqaCommand()
        : base(
            "vqa", "Answer a question about a picture, with OpenFlamingo's question prompt.",
            "vqa -m weights/flamingo-tiny --image cat.jpg \"What animal is this?\"",
            "vqa -m weights/flamingo-tiny --shot \"cat.jpg::What is this?::a cat\" "
                + "--image dog.jpg -p \"What is this?\"")
    {
        _question = TakeArgument("question", "The question; '-' reads standard input.");
        Take(
            PromptFlags.Text, PromptFlags.Pictures, ModelFlags.Files, SamplingFlags.All,
            ModelFlags.Running, OutputFlags.Common, OutputFlags.Streaming);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<PromptRequest> ReadRequests(Settings settings, CliContext context)
    {
        var argument = settings.Get(_question);
        if (PromptFlags.ReadFile(settings, argument) is { } requests) return requests;
        var question = PromptFlags.ReadText(settings, argument, context)
            ?? throw new InvalidRequestException("no question: give one behind the options, or with --prompt.");
        var (shots, images) = PromptFlags.ReadVqaShots(settings, context);
        var query = PromptFlags.ReadImages(settings, context);
        if (query.Count != 1)
            throw new InvalidRequestException(
                $"a question is about one picture, {query.Count} were given with --image; examples go into --shot.");
        return [new PromptRequest(PromptTask.Vqa, FewShotPrompt.Vqa(shots, question), [.. images, query[0]], new PromptOptions())];
    }
}
