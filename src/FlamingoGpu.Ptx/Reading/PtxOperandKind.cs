namespace FlamingoGpu.Ptx.Reading;

/// <summary>What an operand is.</summary>
public enum PtxOperandKind
{
    /// <summary>One register.</summary>
    Register,

    /// <summary>Registers in braces.</summary>
    Vector,

    /// <summary>A literal; its bits are in <see cref="PtxOperand.Bits"/>.</summary>
    Immediate,

    /// <summary>A built-in register such as <c>%tid.x</c>.</summary>
    Special,

    /// <summary>The address of a variable.</summary>
    Symbol,

    /// <summary>An address in brackets.</summary>
    Address,

    /// <summary>A branch target.</summary>
    Label,
}
