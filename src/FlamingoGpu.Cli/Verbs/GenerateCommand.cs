using System.CommandLine;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Cli;

/// <summary><c>generate</c>: goes on from a prompt of text and pictures.</summary>
internal sealed class GenerateCommand : AnsweringCommand
{
    private readonly Argument<string?> _prompt;

    /// <summary>Declares flags and arguments.</summary>
    public GenerateCommand()
        : base(
            "generate", "Continue a prompt of text and pictures. The verb may be left out.",
            "generate -m weights/flamingo-tiny --image cat.jpg \"<image>An image of\"",
            "-m weights/flamingo-tiny \"An image of\" -n 50 --temp 0.7 --seed 1",
            "generate -m weights/flamingo-tiny --shot \"cat.jpg::A cat.\" --image dog.jpg -p \"A\"",
            "generate -m weights/flamingo-tiny --prompt-file prompts.json --json")
    {
        _prompt = TakeArgument("prompt", "The prompt, in which <image> marks the place of a picture; '-' reads "
            + "standard input.");
        Take(
            PromptFlags.Text, PromptFlags.Pictures, ModelFlags.Files, SamplingFlags.All,
            ModelFlags.Running, OutputFlags.Common, OutputFlags.Streaming);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<PromptRequest> ReadRequests(Settings settings, CliContext context) =>
        PromptFlags.ReadRequests(settings, settings.Get(_prompt), context);
}
