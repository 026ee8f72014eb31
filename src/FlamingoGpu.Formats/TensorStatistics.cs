using System.Numerics;
using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>What the numbers of a tensor look like; enough to see a broken or empty one.</summary>
/// <param name="Minimum">Smallest finite element; NaN when there is none.</param>
/// <param name="Maximum">Largest finite element; NaN when there is none.</param>
/// <param name="Mean">Mean of the finite elements; NaN when there is none.</param>
/// <param name="NonFiniteCount">Elements that are NaN or infinite.</param>
public sealed record TensorStatistics(double Minimum, double Maximum, double Mean, long NonFiniteCount)
{
    private const int ChunkElements = 8192;

    /// <summary>Reads a tensor once.</summary>
    /// <returns>Null for types no arithmetic is defined for here: 8-bit and smaller floats, 4-bit integers,
    /// complex.</returns>
    public static unsafe TensorStatistics? Of(TensorEntry entry, TensorData data)
    {
        if (!CanWiden(entry.DType)) return null;
        var (minimum, maximum, sum, finite, bytes) =
            (double.PositiveInfinity, double.NegativeInfinity, 0.0, 0L, entry.DType.BitSize() / 8);
        Span<double> chunk = stackalloc double[ChunkElements];
        var count = entry.Shape.ElementCount;
        for (long start = 0; start < count; start += ChunkElements)
        {
            var values = chunk[..(int)Math.Min(ChunkElements, count - start)];
            Widen(new ReadOnlySpan<byte>((byte*)data.Address + start * bytes, values.Length * bytes), entry.DType, values);
            foreach (var value in values)
            {
                if (!double.IsFinite(value)) continue;
                minimum = Math.Min(minimum, value);
                maximum = Math.Max(maximum, value);
                sum += value;
                finite++;
            }
        }

        return finite == 0
            ? new TensorStatistics(double.NaN, double.NaN, double.NaN, count)
            : new TensorStatistics(minimum, maximum, sum / finite, count - finite);
    }

    private static bool CanWiden(DType dtype) => FloatConversion.IsSupported(dtype)
        || dtype is DType.I64 or DType.I32 or DType.I16 or DType.I8 or DType.U64 or DType.U32 or DType.U16 or DType.U8 or DType.Bool;

    private static void Widen(ReadOnlySpan<byte> source, DType dtype, Span<double> destination)
    {
        switch (dtype)
        {
            case DType.I64: Widen<long>(source, destination); break;
            case DType.I32: Widen<int>(source, destination); break;
            case DType.I16: Widen<short>(source, destination); break;
            case DType.I8: Widen<sbyte>(source, destination); break;
            case DType.U64: Widen<ulong>(source, destination); break;
            case DType.U32: Widen<uint>(source, destination); break;
            case DType.U16: Widen<ushort>(source, destination); break;
            case DType.U8 or DType.Bool: Widen<byte>(source, destination); break;
            default: FloatConversion.Convert(source, dtype, MemoryMarshal.AsBytes(destination), DType.F64); break;
        }
    }

    private static void Widen<T>(ReadOnlySpan<byte> source, Span<double> destination)
        where T : unmanaged, INumber<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(source);
        for (var i = 0; i < values.Length; i++) destination[i] = double.CreateTruncating(values[i]);
    }
}
