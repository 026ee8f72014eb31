namespace FlamingoGpu.Models.Prompts;

/// <summary>
/// A demonstration: an image, and the text that goes with it. Its image is the next one in reading order.
/// </summary>
/// <param name="Text">The caption, the answer, or in a generic prompt the whole text.</param>
/// <param name="Question">The question of a VQA demonstration, else null.</param>
/// <param name="HasImage">
/// False for a demonstration in text only, as the 0-shot protocol of the papers has them.
/// </param>
public sealed record Shot(string Text, string? Question = null, bool HasImage = true);
