using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>Gives registers, literals and special registers their slots.</summary>
internal sealed class RegisterFile
{
    private readonly Slot[] _registers;
    private readonly Dictionary<(ulong Bits, int LaneBytes), Slot> _literals = [];
    private readonly Dictionary<string, Slot> _specials = new(StringComparer.Ordinal);

    public RegisterFile(PtxEntry kernel)
    {
        _registers = new Slot[kernel.Registers.Count];
        for (var i = 0; i < _registers.Length; i++)
        {
            var type = kernel.Registers[i].Type;
            _registers[i] = new Slot(Take(type == PtxType.Pred ? 0 : IsWide(type) ? 8 : 4), 1 + i);
        }

        VariableUnits = Units;
    }

    public int Units { get; private set; }

    /// <summary>Units that registers take; literals and special registers come behind them.</summary>
    public int VariableUnits { get; }

    public int ShadowCount => _registers.Length + 1;

    public IReadOnlyList<(Slot Slot, ulong Bits, int LaneBytes)> Literals =>
        [.. _literals.Select(entry => (entry.Value, entry.Key.Bits, entry.Key.LaneBytes))];

    public IReadOnlyList<(Slot Slot, string Name)> Specials => [.. _specials.Select(entry => (entry.Value, entry.Key))];

    public static bool IsWide(PtxType type) => type.ByteSize() == 8;

    public Slot Of(PtxRegister register) => _registers[register.Index];

    public Slot Literal(ulong bits, int laneBytes)
    {
        if (!_literals.TryGetValue((bits, laneBytes), out var slot))
        {
            slot = new Slot(Take(laneBytes), 0);
            _literals.Add((bits, laneBytes), slot);
        }

        return slot;
    }

    public Slot Special(string name)
    {
        if (!_specials.TryGetValue(name, out var slot))
        {
            slot = new Slot(Take(4), 0);
            _specials.Add(name, slot);
        }

        return slot;
    }

    /// <summary>Room for 32 lanes of 4 or 8 bytes, or with 0 for one lane mask; lanes start on 64-byte
    /// bounds.</summary>
    private int Take(int laneBytes)
    {
        var offset = Units;
        Units += laneBytes == 0 ? 16 : Warp.Size * laneBytes / 4;
        return offset;
    }
}
