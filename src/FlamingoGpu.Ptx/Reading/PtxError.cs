namespace FlamingoGpu.Ptx.Reading;

/// <summary>One reason why a text is not legal PTX.</summary>
/// <param name="Line">Line in the text, from 1.</param>
/// <param name="Message">What is wrong, what was expected.</param>
/// <param name="Kernel">The kernel it is in, or null.</param>
/// <param name="Instruction">The instruction form, or null.</param>
/// <param name="Source">The C# place noted beside the line, or null.</param>
public sealed record PtxError(int Line, string Message, string? Kernel, string? Instruction, string? Source)
{
    /// <summary>All of it in one line.</summary>
    public override string ToString() =>
        $"line {Line}{(Source is null ? "" : $" ({Source})")}{(Kernel is null ? "" : $", kernel {Kernel}")}: "
        + $"{(Instruction is null ? "" : Instruction + ": ")}{Message}";
}
