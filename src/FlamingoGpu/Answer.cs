using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu;

/// <summary>What a model said to a <see cref="PromptRequest"/>.</summary>
/// <param name="Task">What was asked for.</param>
/// <param name="Text">The answer as the task wants it: captions and answers are cut and cleaned as OpenFlamingo's
/// evaluation does.</param>
/// <param name="Generation">What was generated.</param>
public sealed record Answer(PromptTask Task, string Text, GenerationResult Generation);
