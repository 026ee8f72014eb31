using System.CommandLine;
using FlamingoGpu.Core;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Cli;

/// <summary><c>caption</c>: describes a picture.</summary>
internal sealed class CaptionCommand : AnsweringCommand
{
    private readonly Argument<string?> _image;

    /// <summary>Declares flags and arguments.</summary>
    public CaptionCommand()
        : base(
            "caption", "Describe a picture, with OpenFlamingo's captioning prompt.",
            "caption -m weights/flamingo-tiny cat.jpg",
            "caption -m weights/flamingo-tiny --shot \"cat.jpg::A cat on a chair.\" --image dog.jpg --num-beams 3",
            "caption --vision clip --lm mpt-1b --checkpoint checkpoint.pt cat.jpg")
    {
        _image = TakeArgument("image", "The picture: a path, a data: URI, or '-' for standard input.");
        Take(
            PromptFlags.Pictures, new FlagGroup("Prompt", PromptFlags.PromptFile), ModelFlags.Files,
            SamplingFlags.All, ModelFlags.Running, OutputFlags.Common, OutputFlags.Streaming);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<PromptRequest> ReadRequests(Settings settings, CliContext context)
    {
        var argument = settings.Get(_image);
        if (PromptFlags.ReadFile(settings, argument) is { } requests) return requests;
        var (shots, images) = PromptFlags.ReadShots(settings, context);
        var query = PromptFlags.ReadImages(settings, context).ToList();
        if (argument is not null) query.Add(PromptFlags.ReadImage(argument, "image", context));
        if (query.Count != 1)
            throw new InvalidRequestException(
                $"a caption is of one picture, {query.Count} were given; examples go into --shot, several captions "
                    + "into --prompt-file.");
        return [new PromptRequest(PromptTask.Caption, FewShotPrompt.Caption(shots), [.. images, query[0]], new PromptOptions())];
    }
}
