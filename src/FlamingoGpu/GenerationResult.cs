namespace FlamingoGpu;

/// <summary>What a prompt was continued with.</summary>
/// <param name="Text">The continuation without stop tokens and stop texts.</param>
/// <param name="TokenIds">All generated ids, a final stop id included.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
public sealed record GenerationResult(string Text, IReadOnlyList<int> TokenIds, FinishReason Finish, int PromptTokens);
