namespace FlamingoGpu.Models.Prompts;

/// <summary>A prompt as the language model reads it.</summary>
/// <param name="TokenIds">Token ids, [tokens].</param>
/// <param name="MediaPositions">
/// Positions of the image tokens in <paramref name="TokenIds"/>, ascending, [media].
/// </param>
public sealed record EncodedPrompt(int[] TokenIds, int[] MediaPositions);
