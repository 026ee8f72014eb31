using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Operations;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>One instruction under compilation: finds the slots of its operands.</summary>
internal sealed class Decoder(
    PtxInstruction instruction, RegisterFile registers, Func<PtxVariable, ulong> moduleAddress, int rejoin)
{
    public PtxInstruction Instruction { get; } = instruction;

    /// <summary>Where a branch's sides meet again.</summary>
    public int Rejoin { get; } = rejoin;

    public PtxType Type => Instruction.Type;

    public int Count => Instruction.Operands.Count;

    public Slot D => Slot(0);

    public bool Has(string modifier) => Instruction.Has(modifier);

    public PtxOperand Operand(int index) => Instruction.Operands[index];

    /// <summary>The slot of a register, literal or special register.</summary>
    public Slot Slot(int index) => Slot(Operand(index), Type);

    public Slot Slot(int index, PtxType type) => Slot(Operand(index), type);

    public Slot[] Slots(int index)
    {
        var operand = Operand(index);
        return operand.Kind == PtxOperandKind.Vector ? [.. operand.Registers.Select(registers.Of)] : [Slot(index)];
    }

    public Element[] Elements(int index, PtxType type)
    {
        var operand = Operand(index);
        return operand.Kind == PtxOperandKind.Vector
            ? [.. operand.Registers.Select(register =>
                new Element(registers.Of(register), RegisterFile.IsWide(register.Type)))]
            : [new Element(Slot(index, type), IsWide(operand, type))];
    }

    /// <summary>Slot and lane width of each operand from <paramref name="first"/> on.</summary>
    public (Slot Slot, bool IsWide)[] Sources(int first, params PtxType[] types) =>
        [.. types.Select((type, i) => (Slot(first + i, type), IsWide(Operand(first + i), type)))];

    public bool IsWide(int index, PtxType type) => IsWide(Operand(index), type);

    public Slot? Paired(int index) => Operand(index).PairedPredicate is { } predicate ? registers.Of(predicate) : null;

    public Slot? Guard() => Instruction.Guard is { } guard ? registers.Of(guard) : null;

    public AddressOperand Address(int index, PtxSpace space)
    {
        var operand = Operand(index);
        if (operand.Register is { } register)
        {
            return new AddressOperand(registers.Of(register), RegisterFile.IsWide(register.Type), operand.Offset,
                space);
        }

        var start = operand.Variable is { } variable ? (long)AddressOf(variable) : 0;
        return new AddressOperand(null, isWide: false, start + operand.Offset, space);
    }

    public ulong AddressOf(PtxVariable variable) =>
        variable.Space is PtxSpace.Const or PtxSpace.Global ? moduleAddress(variable) : (ulong)variable.Offset;

    private static bool IsWide(PtxOperand operand, PtxType type) =>
        operand.Register is { } register ? RegisterFile.IsWide(register.Type) : RegisterFile.IsWide(type);

    private Slot Slot(PtxOperand operand, PtxType type) => operand.Kind switch
    {
        PtxOperandKind.Register => registers.Of(operand.Register!),
        PtxOperandKind.Special => registers.Special(operand.Name),
        PtxOperandKind.Symbol => registers.Literal(AddressOf(operand.Variable!), RegisterFile.IsWide(type) ? 8 : 4),
        _ => registers.Literal(operand.Bits, type == PtxType.Pred ? 0 : RegisterFile.IsWide(type) ? 8 : 4),
    };
}
