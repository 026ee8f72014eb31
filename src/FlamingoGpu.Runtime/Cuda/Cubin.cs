namespace FlamingoGpu.Runtime.Cuda;

/// <summary>An assembled text.</summary>
/// <param name="Image">ELF for one kind of card.</param>
/// <param name="Log">What the assembler said while making it.</param>
internal sealed record Cubin(byte[] Image, string Log);
