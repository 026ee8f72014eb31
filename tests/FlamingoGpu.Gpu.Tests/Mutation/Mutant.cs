namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>A kernel's text with one instruction changed.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Number">Which instruction of those the kind applies to, counted through the text.</param>
/// <param name="Instruction">The instruction as it was, registers left out.</param>
/// <param name="Source">Its C# line.</param>
/// <param name="Text">The changed text.</param>
internal sealed record Mutant(MutantKind Kind, int Number, string Instruction, string Source, string Text);
