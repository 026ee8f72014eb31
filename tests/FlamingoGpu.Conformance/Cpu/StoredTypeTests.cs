using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Cpu;

/// <summary>Rounding f32 to the types of weights and caches, and putting elements in and out of the order of words.</summary>
public sealed unsafe class StoredTypeTests : IDisposable
{
    [Fact]
    public void Narrow_EveryKindOfFloat_IsTheNearest()
    {
        // All 16-bit patterns with what decides the rounding behind them: zeros, below, at and above the tie, ones.
        var values = new List<float>();
        foreach (var tail in new uint[] { 0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF })
        {
            for (var upper = 0u; upper <= 0xFFFF; upper++) values.Add(BitConverter.UInt32BitsToSingle((upper << 16) | tail));
        }

        for (var i = 0; i < 40_000; i++) values.Add((float)BitConverter.UInt16BitsToHalf((ushort)i) * 1.00048828125f);
        Check<WeightBF16>(values, value => BFloat16.FromSingle(value), bits => float.IsNaN(BFloat16.ToSingle(bits)));
        Check<WeightF16>(
            values, value => BitConverter.HalfToUInt16Bits((Half)value), bits => Half.IsNaN(BitConverter.UInt16BitsToHalf(bits)));
    }

    [Fact]
    public void Interleave_Deinterleaved_IsTheRowAgain()
    {
        CheckOrder<Lanes4>();
        if (System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated) CheckOrder<Lanes8>();
        if (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated) CheckOrder<Lanes16>();
    }

    [Fact]
    public void Sums_OfVectors_AreTheirsInOrder()
    {
        CheckSums<Lanes4>();
        if (System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated) CheckSums<Lanes8>();
        if (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated) CheckSums<Lanes16>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static void Check<TWeight>(List<float> values, Func<float, ushort> expected, Func<ushort, bool> isNaN)
        where TWeight : IWeight
    {
        Check<Lanes4, TWeight>([.. values], expected, isNaN);
        if (System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated) Check<Lanes8, TWeight>([.. values], expected, isNaN);
        if (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated) Check<Lanes16, TWeight>([.. values], expected, isNaN);
    }

    private static void Check<TLanes, TWeight>(float[] values, Func<float, ushort> expected, Func<ushort, bool> isNaN)
        where TLanes : unmanaged, ILanes<TLanes>
        where TWeight : IWeight
    {
        var stored = new ushort[values.Length];
        fixed (float* source = values)
        fixed (ushort* destination = stored)
            Rows.Narrow<TLanes, TWeight>(source, (byte*)destination, values.Length - 3); // an odd end
        for (var i = 0; i < values.Length - 3; i++)
        {
            if (float.IsNaN(values[i])) Assert.True(isNaN(stored[i]), $"{values[i]:R}");
            else Assert.True(expected(values[i]) == stored[i], $"{values[i]:R}: {stored[i]:X4} instead of {expected(values[i]):X4}");
        }

        Assert.Equal([0, 0, 0], stored[^3..]);
    }

    /// <summary>Powers of two, so that a lane that is missing, twice there or in another sum shows.</summary>
    private static void CheckSums<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var vectors = new float[TLanes.Count * TLanes.Count];
        for (var i = 0; i < vectors.Length; i++) vectors[i] = (1 << (i % TLanes.Count)) + 100_000 * (i / TLanes.Count);
        var sums = new float[TLanes.Count];
        fixed (float* source = vectors)
        fixed (float* destination = sums)
            TLanes.Sums(source).Store(destination);
        var expected = Enumerable.Range(0, TLanes.Count)
            .Select(row => (float)((1 << TLanes.Count) - 1 + TLanes.Count * 100_000 * row));
        Assert.Equal(expected, sums);
    }

    private static void CheckOrder<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var row = Enumerable.Range(0, 2 * TLanes.Count).Select(i => (float)i).ToArray();
        var moved = new float[row.Length];
        fixed (float* source = row)
        fixed (float* destination = moved)
        {
            TLanes.Deinterleave(source, destination);
            Assert.Equal(2f, destination[1]);
            TLanes.Interleave(destination, destination);
        }

        Assert.Equal(row, moved);
    }
}
