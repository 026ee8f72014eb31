using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>A register of a memory access: its slot and whether its lanes have 8 bytes.</summary>
internal readonly record struct Element(Slot Slot, bool IsWide);

/// <summary>Loads one or several elements for each lane.</summary>
internal sealed unsafe class LoadOp(AddressOperand address, Element[] elements, PtxType type, Access access,
    bool acquires) : Op
{
    private readonly int _size = type.ByteSize();
    private readonly bool _isSigned = type.IsSigned();
    private readonly bool _isFourWords = elements.Length == 4 && type.ByteSize() == 4 && access == Access.Read
        && elements.All(element => !element.IsWide);

    public override void Run(Warp warp, uint mask)
    {
        var bytes = _size * elements.Length;
        var resolved = address.Resolve(warp, this, mask, bytes, access);
        if (_isFourWords && resolved == Warp.Full && warp.IsOneAllocation && Sse2.IsSupported && AreKnown(warp))
        {
            TakeFours(warp);
            return;
        }

        for (var i = 0; i < elements.Length; i++) Take(warp, mask, resolved, i);
        if (access == Access.StrongRead) address.AcquireAll(warp, resolved, acquires);
    }

    private void Take(Warp warp, uint mask, uint resolved, int index)
    {
        var (slot, isWide) = elements[index];
        var offset = index * _size;
        var poison = mask & ~resolved;
        if (_size == 4 && !isWide && warp.IsOneAllocation && resolved == Warp.Full)
        {
            warp.Poison[slot.Shadow] = TakeWords(warp, warp.R + slot.Offset, offset);
            return;
        }

        for (var lanes = resolved; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var p = warp.Pointers[lane] + offset;
            var shadow = warp.Shadows[lane];
            if (shadow != null && IsUnknown(shadow + offset, _size)) poison |= 1u << lane;
            var value = Read(p);
            if (isWide) ((ulong*)(warp.R + slot.Offset))[lane] = value;
            else warp.R[slot.Offset + lane] = (uint)value;
        }

        ref var known = ref warp.Poison[slot.Shadow];
        known = (known & ~mask) | poison;
    }

    /// <summary>The most frequent case: a whole warp reads 4 bytes a lane. Gives the unknown lanes.</summary>
    private uint TakeWords(Warp warp, uint* result, int offset)
    {
        var isShadowed = warp.Shadows[0] != null;
        if (warp.Pattern == AddressPattern.Uniform)
        {
            new Span<uint>(result, Warp.Size).Fill(*(uint*)(warp.Pointers[0] + offset));
            return isShadowed && *(uint*)(warp.Shadows[0] + offset) != 0 ? Warp.Full : 0;
        }

        if (warp.Pattern == AddressPattern.Contiguous && elements.Length == 1)
        {
            new Span<byte>(warp.Pointers[0], 4 * Warp.Size).CopyTo(new Span<byte>(result, 4 * Warp.Size));
            if (!isShadowed || !new Span<byte>(warp.Shadows[0], 4 * Warp.Size).ContainsAnyExcept((byte)0)) return 0;
        }

        for (var lane = 0; lane < Warp.Size; lane++) result[lane] = *(uint*)(warp.Pointers[lane] + offset);
        if (!isShadowed) return 0;
        uint any = 0, poison = 0;
        for (var lane = 0; lane < Warp.Size; lane++) any |= *(uint*)(warp.Shadows[lane] + offset);
        for (var lane = 0; lane < Warp.Size && any != 0; lane++)
        {
            if (*(uint*)(warp.Shadows[lane] + offset) != 0) poison |= 1u << lane;
        }

        return poison;
    }

    /// <summary>True when all of 16 bytes a lane was written.</summary>
    private static bool AreKnown(Warp warp)
    {
        if (warp.Shadows[0] == null) return true;
        var shadow = Vector128<byte>.Zero;
        for (var lane = 0; lane < Warp.Size; lane++) shadow |= Vector128.Load(warp.Shadows[lane]);
        return shadow == Vector128<byte>.Zero;
    }

    /// <summary>Four known words a lane, four lanes at a time.</summary>
    private void TakeFours(Warp warp)
    {
        for (var lane = 0; lane < Warp.Size; lane += 4)
        {
            var rows = (uint**)warp.Pointers + lane;
            var (a, b) = (Vector128.Load(rows[0]), Vector128.Load(rows[1]));
            var (c, d) = (Vector128.Load(rows[2]), Vector128.Load(rows[3]));
            var (ab, cd) = (Sse2.UnpackLow(a, b).AsUInt64(), Sse2.UnpackLow(c, d).AsUInt64());
            var (abHigh, cdHigh) = (Sse2.UnpackHigh(a, b).AsUInt64(), Sse2.UnpackHigh(c, d).AsUInt64());
            Sse2.UnpackLow(ab, cd).AsUInt32().Store(warp.R + elements[0].Slot.Offset + lane);
            Sse2.UnpackHigh(ab, cd).AsUInt32().Store(warp.R + elements[1].Slot.Offset + lane);
            Sse2.UnpackLow(abHigh, cdHigh).AsUInt32().Store(warp.R + elements[2].Slot.Offset + lane);
            Sse2.UnpackHigh(abHigh, cdHigh).AsUInt32().Store(warp.R + elements[3].Slot.Offset + lane);
        }

        foreach (var element in elements) warp.Poison[element.Slot.Shadow] = 0;
    }

    private ulong Read(byte* p) => _size switch
    {
        4 => _isSigned ? (ulong)*(int*)p : *(uint*)p,
        2 => _isSigned ? (ulong)*(short*)p : *(ushort*)p,
        8 => *(ulong*)p,
        _ => _isSigned ? (ulong)*(sbyte*)p : *p,
    };

    private static bool IsUnknown(byte* shadow, int size) => size switch
    {
        4 => *(uint*)shadow != 0,
        2 => *(ushort*)shadow != 0,
        8 => *(ulong*)shadow != 0,
        _ => *shadow != 0,
    };
}

/// <summary>Reads kernel parameters: the same bytes for every lane.</summary>
internal sealed unsafe class ParameterLoadOp(int offset, Element[] elements, PtxType type) : Op
{
    public override void Run(Warp warp, uint mask)
    {
        var size = type.ByteSize();
        for (var i = 0; i < elements.Length; i++)
        {
            ulong value = 0;
            for (var b = 0; b < size; b++)
            {
                value |= (ulong)warp.Block.Run.Parameters[offset + (i * size) + b] << (8 * b);
            }
            if (type.IsSigned() && size < 8) value = (ulong)((long)(value << (64 - (8 * size))) >> (64 - (8 * size)));
            var (slot, isWide) = elements[i];
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                if (isWide) ((ulong*)(warp.R + slot.Offset))[lane] = value;
                else warp.R[slot.Offset + lane] = (uint)value;
            }

            warp.Poison[slot.Shadow] &= ~mask;
        }
    }
}

/// <summary>Stores one or several elements for each lane.</summary>
internal sealed unsafe class StoreOp(AddressOperand address, Element[] elements, PtxType type, Access access,
    bool releases) : Op
{
    private readonly int _size = type.ByteSize();

    public override void Run(Warp warp, uint mask)
    {
        mask = address.Resolve(warp, this, mask, _size * elements.Length, access);
        if (mask == 0) return;
        for (var i = 0; i < elements.Length; i++) Put(warp, mask, i);
        if (access == Access.StrongWrite) address.PublishAll(warp, mask, releases);
    }

    private void Put(Warp warp, uint mask, int index)
    {
        var (slot, isWide) = elements[index];
        var offset = index * _size;
        var poison = warp.Poison[slot.Shadow] & mask;
        if (poison != 0 && address.Space is not (PtxSpace.Shared or PtxSpace.Local))
        {
            poison = ReportGlobal(warp, poison);
        }
        if (_size == 4 && !isWide && poison == 0 && warp.IsOneAllocation && warp.Shadows[0] != null)
        {
            PutWords(warp, mask, warp.R + slot.Offset, offset);
            return;
        }

        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var p = warp.Pointers[lane] + offset;
            switch (_size)
            {
                case 4:
                    *(uint*)p = isWide ? (uint)((ulong*)(warp.R + slot.Offset))[lane]
                    : warp.R[slot.Offset + lane]; break;
                case 2: *(ushort*)p = (ushort)warp.R[slot.Offset + (isWide ? 2 * lane : lane)]; break;
                case 8: *(ulong*)p = ((ulong*)(warp.R + slot.Offset))[lane]; break;
                default: *p = (byte)warp.R[slot.Offset + (isWide ? 2 * lane : lane)]; break;
            }

            if (warp.Shadows[lane] != null)
            {
                new Span<byte>(warp.Shadows[lane] + offset, _size).Fill((byte)(poison >> lane & 1));
            }
        }
    }

    /// <summary>The most frequent case: 4 known bytes a lane.</summary>
    private void PutWords(Warp warp, uint mask, uint* values, int offset)
    {
        if (warp.Pattern == AddressPattern.Contiguous && mask == Warp.Full && elements.Length == 1)
        {
            new Span<byte>(values, 4 * Warp.Size).CopyTo(new Span<byte>(warp.Pointers[0], 4 * Warp.Size));
            new Span<byte>(warp.Shadows[0], 4 * Warp.Size).Clear();
            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            *(uint*)(warp.Pointers[lane] + offset) = values[lane];
            *(uint*)(warp.Shadows[lane] + offset) = 0;
        }
    }

    /// <summary>Unknown values may travel through shared memory but must not leave the block.</summary>
    private uint ReportGlobal(Warp warp, uint poison)
    {
        var lane = BitOperations.TrailingZeroCount(poison);
        var shared = warp.Block.Shared;
        if (address.Space == PtxSpace.Generic && warp.Pointers[lane] >= shared.Data
            && warp.Pointers[lane] < shared.Data + shared.Length)
        {
            return poison;
        }

        warp.Report(FindingKind.UninitialisedUse, this, lane, warp.Addresses[lane],
            "the value stored to global memory depends on one that was never written.");
        return 0;
    }
}

/// <summary>A load's hint that changes no value; its address is checked all the same.</summary>
internal sealed class PrefetchOp(AddressOperand address) : Op
{
    public override void Run(Warp warp, uint mask) => address.Compute(warp, this, mask);
}

/// <summary>Read-modify-write; lanes go one after another, from either end.</summary>
internal sealed unsafe class AtomicOp(
    AddressOperand address, Element? destination, Element[] operands, PtxType type,
        Func<ulong, ulong, ulong, ulong> function,
    bool acquires, bool releases) : Op
{
    private readonly int _size = type.ByteSize();

    public override void Run(Warp warp, uint mask)
    {
        var asked = mask;
        mask = address.Resolve(warp, this, mask, _size, Access.StrongWrite);
        if (mask != 0)
        {
            CheckOperands(warp, mask);
            address.AcquireAll(warp, mask, acquires);
            var flip = warp.Block.Run.Random.Next(2) == 0 ? 0 : Warp.Size - 1;
            for (var i = 0; i < Warp.Size; i++)
            {
                if ((mask >> (i ^ flip) & 1) != 0) Update(warp, i ^ flip);
            }

            address.PublishAll(warp, mask, releases);
        }

        if (destination is { } d) warp.Poison[d.Slot.Shadow] = (warp.Poison[d.Slot.Shadow] & ~asked) | (asked & ~mask);
    }

    private void CheckOperands(Warp warp, uint mask)
    {
        uint poison = 0;
        foreach (var (slot, _) in operands) poison |= warp.Poison[slot.Shadow] & mask;
        if (poison != 0) warp.ReportUninitialised(this, poison, "the atomic's operand");
    }

    private void Update(Warp warp, int lane)
    {
        var p = warp.Pointers[lane];
        var shadow = warp.Shadows[lane];
        if (shadow != null)
        {
            var bytes = new Span<byte>(shadow, _size);
            if (bytes.ContainsAnyExcept((byte)0))
            {
                warp.Report(FindingKind.UninitialisedUse, this, lane, warp.Addresses[lane],
                    "the atomic changes memory that was never written.");
                bytes.Clear();
            }
        }

        var old = _size switch { 4 => *(uint*)p, 8 => *(ulong*)p, _ => *(ushort*)p };
        var value = function(old, Read(warp, 0, lane), Read(warp, 1, lane));
        if (_size == 4) *(uint*)p = (uint)value;
        else if (_size == 8) *(ulong*)p = value;
        else *(ushort*)p = (ushort)value;
        if (destination is not { } d) return;
        if (d.IsWide) ((ulong*)(warp.R + d.Slot.Offset))[lane] = old;
        else warp.R[d.Slot.Offset + lane] = (uint)old;
    }

    private ulong Read(Warp warp, int index, int lane)
    {
        if (index >= operands.Length) return 0;
        var (slot, isWide) = operands[index];
        return isWide ? ((ulong*)(warp.R + slot.Offset))[lane] : warp.R[slot.Offset + lane];
    }
}

/// <summary>Orders memory: publishes what was done before through later strong writes, makes known what strong reads
/// saw.</summary>
internal sealed class FenceOp : Op
{
    public override void Run(Warp warp, uint mask)
    {
        warp.Learn(warp.Acquirable);
        warp.Acquirable = null;
        warp.Fenced = warp.Snapshot();
    }
}
