namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>Two neighbouring tokens that byte pair encoding joins. Its rank is its place in the list.</summary>
/// <param name="Left">Id of the first token.</param>
/// <param name="Right">Id of the second token.</param>
/// <param name="Joined">Id of the token that replaces both.</param>
public readonly record struct BpeMerge(int Left, int Right, int Joined);
