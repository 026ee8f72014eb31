namespace FlamingoGpu.Models.Prompts;

/// <summary>One prompt of a prompt file, ready to be encoded and answered.</summary>
/// <param name="Task">What it asks for.</param>
/// <param name="Prompt">Text and places of images.</param>
/// <param name="Images">The images, one for each place, in order.</param>
/// <param name="Options">What the file says about generation.</param>
public sealed record PromptRequest(
    PromptTask Task, Prompt Prompt, IReadOnlyList<ImageReference> Images, PromptOptions Options);
