using FlamingoGpu.Ptx.Reading;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>The registers that an operand names.</summary>
internal static class OperandRegisters
{
    /// <summary>Those of a vector, the register or base of an address, the second half of a pair.</summary>
    public static IEnumerable<PtxRegister> AllRegisters(this PtxOperand operand)
    {
        foreach (var register in operand.Registers) yield return register;
        if (operand.Register is { } single) yield return single;
        if (operand.PairedPredicate is { } paired) yield return paired;
    }
}
