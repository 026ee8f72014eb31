using FlamingoGpu.Core;
using FlamingoGpu.Graph;

namespace FlamingoGpu.Models;

/// <summary>
/// Looks at every weight once: a NaN or infinity in a checkpoint would otherwise surface as nonsense text. Runs at
/// memory speed on all cores and brings mapped files into memory, so loading time is not spent twice.
/// </summary>
public static unsafe class FiniteCheck
{
    private const long ChunkBytes = 1 << 20;

    /// <summary>Checks all weights of a model.</summary>
    /// <param name="weights">The weights; shape-only ones are skipped.</param>
    /// <param name="progress">Bytes done and all bytes; may be null.</param>
    /// <exception cref="NonFiniteException">Names the tensor and the element.</exception>
    public static void Require(ModelWeights weights, IProgress<(long Done, long Total)>? progress = null)
    {
        var total = weights.Weights.Sum(weight => weight.Type.ByteLength);
        long done = 0;
        foreach (var weight in weights.Weights)
        {
            Require(weight);
            done += weight.Type.ByteLength;
            progress?.Report((done, total));
        }
    }

    /// <summary>Checks one weight.</summary>
    /// <exception cref="NonFiniteException">Names the tensor and the element.</exception>
    public static void Require(Weight weight)
    {
        if (weight.HostAddress == 0) return;
        var elementBytes = weight.Type.DType.BitSize() / 8;
        var chunk = ChunkBytes / elementBytes;
        var count = weight.Shape.ElementCount;
        var first = long.MaxValue;
        Parallel.For(0L, (count + chunk - 1) / chunk, index =>
        {
            var start = index * chunk;
            var length = (int)Math.Min(chunk, count - start);
            var address = (void*)(weight.HostAddress + (nint)(start * elementBytes));
            var bad = weight.Type.DType switch
            {
                DType.F32 => FirstNonFinite<uint>(new ReadOnlySpan<uint>(address, length), 0x7F800000),
                DType.BF16 => FirstNonFinite<ushort>(new ReadOnlySpan<ushort>(address, length), 0x7F80),
                _ => FirstNonFinite<ushort>(new ReadOnlySpan<ushort>(address, length), 0x7C00),
            };
            if (bad >= 0) InterlockedMin(ref first, start + bad);
        });
        if (first == long.MaxValue) return;
        throw new NonFiniteException($"weight '{weight.Name}'", first, ReadElement(weight, first));
    }

    private static int FirstNonFinite<T>(ReadOnlySpan<T> bits, T exponent)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var mask = new System.Numerics.Vector<T>(exponent);
        var at = 0;
        for (; at <= bits.Length - System.Numerics.Vector<T>.Count; at += System.Numerics.Vector<T>.Count)
        {
            var block = new System.Numerics.Vector<T>(bits[at..]) & mask;
            if (System.Numerics.Vector.EqualsAny(block, mask)) break;
        }

        for (; at < bits.Length; at++)
        {
            if ((bits[at] & exponent) == exponent) return at;
        }

        return -1;
    }

    private static float ReadElement(Weight weight, long index) => weight.Type.DType switch
    {
        DType.F32 => ((float*)weight.HostAddress)[index],
        DType.BF16 => BFloat16.ToSingle(((ushort*)weight.HostAddress)[index]),
        _ => (float)((Half*)weight.HostAddress)[index],
    };

    private static void InterlockedMin(ref long target, long value)
    {
        var seen = Volatile.Read(ref target);
        while (value < seen)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
