using System.Numerics;
using System.Runtime.Intrinsics;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>A function of one value, the same for every lane.</summary>
internal interface IUnary<TResult, TA>
{
    static abstract TResult Apply(TA a);
}

/// <summary>A function of two values, the same for every lane.</summary>
internal interface IBinary<TResult, TA, TB>
{
    static abstract TResult Apply(TA a, TB b);
}

/// <summary>A function of three values, the same for every lane.</summary>
internal interface ITernary<TResult, TA, TB, TC>
{
    static abstract TResult Apply(TA a, TB b, TC c);
}

/// <summary>A function of two values that also exists for eight lanes or four at once.</summary>
internal interface IVectorBinary<T> : IBinary<T, T, T>
{
    static abstract Vector256<T> Apply(Vector256<T> a, Vector256<T> b);
}

/// <summary>A function of three values that also exists for eight lanes or four at once.</summary>
internal interface IVectorTernary<T> : ITernary<T, T, T, T>
{
    static abstract Vector256<T> Apply(Vector256<T> a, Vector256<T> b, Vector256<T> c);
}

/// <summary>A comparison that also exists for eight lanes or four at once: all bits of those where it holds.</summary>
internal interface IVectorComparison<T> : IBinary<bool, T, T>
{
    static abstract Vector256<T> Apply(Vector256<T> a, Vector256<T> b);
}

/// <summary>What all operations share that read registers and write one.</summary>
internal abstract unsafe class RegisterOp(Slot destination) : Op
{
    protected Slot D { get; } = destination;

    /// <summary>Marks the written lanes as known or unknown.</summary>
    protected void Spread(Warp warp, uint mask, uint poison)
    {
        ref var shadow = ref warp.Poison[D.Shadow];
        shadow = (shadow & ~mask) | (poison & mask);
    }
}

internal sealed unsafe class Unary<TResult, TA, TF>(Slot d, Slot a) : RegisterOp(d)
    where TResult : unmanaged
    where TA : unmanaged
    where TF : struct, IUnary<TResult, TA>
{
    public override void Run(Warp warp, uint mask)
    {
        var result = (TResult*)(warp.R + D.Offset);
        var x = (TA*)(warp.R + a.Offset);
        if (mask == Warp.Full)
        {
            for (var lane = 0; lane < Warp.Size; lane++) result[lane] = TF.Apply(x[lane]);
        }
        else
        {
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                result[lane] = TF.Apply(x[lane]);
            }
        }

        Spread(warp, mask, warp.Poison[a.Shadow]);
    }
}

internal sealed unsafe class Binary<TResult, TA, TB, TF>(Slot d, Slot a, Slot b) : RegisterOp(d)
    where TResult : unmanaged
    where TA : unmanaged
    where TB : unmanaged
    where TF : struct, IBinary<TResult, TA, TB>
{
    public override void Run(Warp warp, uint mask)
    {
        var result = (TResult*)(warp.R + D.Offset);
        var x = (TA*)(warp.R + a.Offset);
        var y = (TB*)(warp.R + b.Offset);
        if (mask == Warp.Full)
        {
            for (var lane = 0; lane < Warp.Size; lane++) result[lane] = TF.Apply(x[lane], y[lane]);
        }
        else
        {
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                result[lane] = TF.Apply(x[lane], y[lane]);
            }
        }

        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow]);
    }
}

internal sealed unsafe class VectorBinary<T, TF>(Slot d, Slot a, Slot b) : RegisterOp(d)
    where T : unmanaged
    where TF : struct, IVectorBinary<T>
{
    public override void Run(Warp warp, uint mask)
    {
        var result = (T*)(warp.R + D.Offset);
        var x = (T*)(warp.R + a.Offset);
        var y = (T*)(warp.R + b.Offset);
        if (mask == Warp.Full)
        {
            for (var lane = 0; lane < Warp.Size; lane += Vector256<T>.Count)
            {
                TF.Apply(Vector256.Load(x + lane), Vector256.Load(y + lane)).Store(result + lane);
            }
        }
        else
        {
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                result[lane] = TF.Apply(x[lane], y[lane]);
            }
        }

        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow]);
    }
}

internal sealed unsafe class Ternary<TResult, TA, TB, TC, TF>(Slot d, Slot a, Slot b, Slot c) : RegisterOp(d)
    where TResult : unmanaged
    where TA : unmanaged
    where TB : unmanaged
    where TC : unmanaged
    where TF : struct, ITernary<TResult, TA, TB, TC>
{
    public override void Run(Warp warp, uint mask)
    {
        var result = (TResult*)(warp.R + D.Offset);
        var x = (TA*)(warp.R + a.Offset);
        var y = (TB*)(warp.R + b.Offset);
        var z = (TC*)(warp.R + c.Offset);
        if (mask == Warp.Full)
        {
            for (var lane = 0; lane < Warp.Size; lane++) result[lane] = TF.Apply(x[lane], y[lane], z[lane]);
        }
        else
        {
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                result[lane] = TF.Apply(x[lane], y[lane], z[lane]);
            }
        }

        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow] | warp.Poison[c.Shadow]);
    }
}

internal sealed unsafe class VectorTernary<T, TF>(Slot d, Slot a, Slot b, Slot c) : RegisterOp(d)
    where T : unmanaged
    where TF : struct, IVectorTernary<T>
{
    public override void Run(Warp warp, uint mask)
    {
        var result = (T*)(warp.R + D.Offset);
        var x = (T*)(warp.R + a.Offset);
        var y = (T*)(warp.R + b.Offset);
        var z = (T*)(warp.R + c.Offset);
        if (mask == Warp.Full)
        {
            for (var lane = 0; lane < Warp.Size; lane += Vector256<T>.Count)
            {
                TF.Apply(Vector256.Load(x + lane), Vector256.Load(y + lane), Vector256.Load(z + lane))
                    .Store(result + lane);
            }
        }
        else
        {
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                result[lane] = TF.Apply(x[lane], y[lane], z[lane]);
            }
        }

        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow] | warp.Poison[c.Shadow]);
    }
}

/// <summary>Fused multiply-add of singles, eight lanes at once.</summary>
internal sealed unsafe class FusedMultiplyAdd(Slot d, Slot a, Slot b, Slot c) : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        var result = (float*)(warp.R + D.Offset);
        var x = (float*)(warp.R + a.Offset);
        var y = (float*)(warp.R + b.Offset);
        var z = (float*)(warp.R + c.Offset);
        if (mask == Warp.Full)
        {
            for (var lane = 0; lane < Warp.Size; lane += Vector256<float>.Count)
            {
                Vector256.FusedMultiplyAdd(Vector256.Load(x + lane), Vector256.Load(y + lane), Vector256.Load(z + lane))
                    .Store(result + lane);
            }
        }
        else
        {
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                result[lane] = MathF.FusedMultiplyAdd(x[lane], y[lane], z[lane]);
            }
        }

        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow] | warp.Poison[c.Shadow]);
    }
}

/// <summary>A comparison: one bit a lane.</summary>
internal sealed unsafe class Compare<T, TF>(Slot d, Slot a, Slot b) : RegisterOp(d)
    where T : unmanaged
    where TF : struct, IVectorComparison<T>
{
    public override void Run(Warp warp, uint mask)
    {
        var x = (T*)(warp.R + a.Offset);
        var y = (T*)(warp.R + b.Offset);
        uint bits = 0;
        for (var lane = 0; lane < Warp.Size; lane += Vector256<T>.Count)
        {
            bits |= TF.Apply(Vector256.Load(x + lane), Vector256.Load(y + lane)).ExtractMostSignificantBits() << lane;
        }

        ref var held = ref warp.R[D.Offset];
        held = (held & ~mask) | (bits & mask);
        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow]);
    }
}

/// <summary>
/// Any function of up to three values, through a delegate: for the forms that are rare or heavy. Values come and go as
/// zero-extended bits.
/// </summary>
internal sealed unsafe class BitsFunction(
    Slot d, bool isWide, (Slot Slot, bool IsWide)[] sources, Func<ulong, ulong, ulong, ulong> function)
    : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        uint poison = 0;
        foreach (var (slot, _) in sources) poison |= warp.Poison[slot.Shadow];
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var result = function(Read(warp, 0, lane), Read(warp, 1, lane), Read(warp, 2, lane));
            if (isWide) ((ulong*)(warp.R + D.Offset))[lane] = result;
            else warp.R[D.Offset + lane] = (uint)result;
        }

        Spread(warp, mask, poison);
    }

    private ulong Read(Warp warp, int index, int lane)
    {
        if (index >= sources.Length) return 0;
        var (slot, wide) = sources[index];
        return wide ? ((ulong*)(warp.R + slot.Offset))[lane] : warp.R[slot.Offset + lane];
    }
}

/// <summary>A truth value out of up to two values, through a delegate.</summary>
internal sealed unsafe class BitsPredicate(
    Slot d, (Slot Slot, bool IsWide)[] sources, Func<ulong, ulong, bool> function) : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        uint poison = 0, bits = 0;
        foreach (var (slot, _) in sources) poison |= warp.Poison[slot.Shadow];
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            if (function(Read(warp, 0, lane), Read(warp, 1, lane))) bits |= 1u << lane;
        }

        ref var held = ref warp.R[D.Offset];
        held = (held & ~mask) | bits;
        Spread(warp, mask, poison);
    }

    private ulong Read(Warp warp, int index, int lane)
    {
        if (index >= sources.Length) return 0;
        var (slot, wide) = sources[index];
        return wide ? ((ulong*)(warp.R + slot.Offset))[lane] : warp.R[slot.Offset + lane];
    }
}

/// <summary><c>lop3</c>: any bitwise function of three values, by its truth table.</summary>
internal sealed unsafe class BitwiseLookup(Slot d, Slot a, Slot b, Slot c, uint table) : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        var result = stackalloc uint[Warp.Size];
        for (var lane = 0; lane < Warp.Size; lane += Vector256<uint>.Count)
        {
            var x = Vector256.Load(warp.R + a.Offset + lane);
            var y = Vector256.Load(warp.R + b.Offset + lane);
            var z = Vector256.Load(warp.R + c.Offset + lane);
            var bits = Vector256<uint>.Zero;
            for (var row = 0; row < 8; row++)
            {
                if ((table >> row & 1) == 0) continue;
                bits |= ((row & 4) != 0 ? x : ~x) & ((row & 2) != 0 ? y : ~y) & ((row & 1) != 0 ? z : ~z);
            }

            bits.Store(result + lane);
        }

        LaneMask.Blend(warp.R + D.Offset, result, mask);
        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow] | warp.Poison[c.Shadow]);
    }
}

/// <summary><c>bfi</c>: the low bits of a laid over b, from a position on.</summary>
internal sealed unsafe class BitFieldInsert(Slot d, Slot a, Slot b, Slot position, Slot length, bool isWide)
    : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        var bits = isWide ? 64 : 32;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var from = (int)warp.R[position.Offset + lane] & 255;
            var count = Math.Min((int)warp.R[length.Offset + lane] & 255, bits - Math.Min(from, bits));
            var field = count == 0 ? 0 : ulong.MaxValue >> (64 - count) << from;
            var over = isWide ? ((ulong*)(warp.R + a.Offset))[lane] : warp.R[a.Offset + lane];
            var under = isWide ? ((ulong*)(warp.R + b.Offset))[lane] : warp.R[b.Offset + lane];
            var value = (under & ~field) | ((over << from) & field);
            if (isWide) ((ulong*)(warp.R + D.Offset))[lane] = value;
            else warp.R[D.Offset + lane] = (uint)value;
        }

        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow] | warp.Poison[position.Shadow]
            | warp.Poison[length.Shadow]);
    }
}
