namespace FlamingoGpu.Ptx.Reading;

/// <summary>One checked operand of an instruction. Which members are set depends on <see cref="Kind"/>.</summary>
public sealed class PtxOperand
{
    internal PtxOperand(PtxOperandKind kind) => Kind = kind;

    /// <summary>What this operand is.</summary>
    public PtxOperandKind Kind { get; }

    /// <summary>The register; for an address its base, null when the base is a variable or absent.</summary>
    public PtxRegister? Register { get; internal set; }

    /// <summary>The registers of a vector, in order.</summary>
    public IReadOnlyList<PtxRegister> Registers { get; internal set; } = [];

    /// <summary>Second half of a <c>d|p</c> pair.</summary>
    public PtxRegister? PairedPredicate { get; internal set; }

    /// <summary>True for <c>!p</c>.</summary>
    public bool Negated { get; internal set; }

    /// <summary>Bits of a literal in the type the instruction reads it with, zero-extended.</summary>
    public ulong Bits { get; internal set; }

    /// <summary>Name of a special register, with the percent sign.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The variable of a symbol or of an address.</summary>
    public PtxVariable? Variable { get; internal set; }

    /// <summary>Constant added to an address.</summary>
    public long Offset { get; internal set; }

    /// <summary>Position of the instruction a label stands before.</summary>
    public int Target { get; internal set; } = -1;

    internal string Text { get; init; } = "";

    internal bool IsFloatLiteral { get; init; }

    internal bool IsNegativeLiteral { get; init; }

    internal int LiteralByteSize { get; init; }
}
