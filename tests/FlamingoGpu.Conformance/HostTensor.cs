using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Conformance;

/// <summary>A tensor on the host: its values exactly as the device will see them, widened to double.</summary>
public sealed class HostTensor
{
    private HostTensor(DType dtype, Shape shape, double[] values) => (DType, Shape, Values) = (dtype, shape, values);

    public DType DType { get; }

    public Shape Shape { get; }

    public double[] Values { get; }

    public long Columns => Shape.Rank == 0 ? 1 : Shape[^1];

    public long Rows => Columns == 0 ? Shape.RowCount : Values.Length / Columns;

    /// <summary>Uniform values in ±<paramref name="range"/> around <paramref name="center"/>, rounded to the dtype.</summary>
    public static HostTensor Uniform(int seed, Shape shape, double range = 1, double center = 0, DType dtype = DType.F32)
    {
        var random = new Random(seed);
        var values = new double[shape.ElementCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = Round(center + range * (2 * random.NextDouble() - 1), dtype);
        return new HostTensor(dtype, shape, values);
    }

    public static HostTensor Of(Shape shape, params double[] values)
    {
        Assert.Equal(shape.ElementCount, values.Length);
        return new HostTensor(DType.F32, shape, Array.ConvertAll(values, value => Round(value, DType.F32)));
    }

    public static HostTensor Integers(Shape shape, params int[] values)
    {
        Assert.Equal(shape.ElementCount, values.Length);
        return new HostTensor(DType.I32, shape, Array.ConvertAll(values, value => (double)value));
    }

    /// <summary>The row of doubles, by row number of the matrix view.</summary>
    public ReadOnlySpan<double> Row(long row) => Values.AsSpan((int)(row * Columns), (int)Columns);

    /// <summary>The bytes of one element.</summary>
    public void Encode(double value, Span<byte> destination)
    {
        switch (DType)
        {
            case DType.F32:
                MemoryMarshal.Write(destination, (float)value);
                break;
            case DType.F16:
                MemoryMarshal.Write(destination, (Half)value);
                break;
            case DType.BF16:
                MemoryMarshal.Write(destination, BFloat16.FromSingle((float)value));
                break;
            case DType.I32:
                MemoryMarshal.Write(destination, (int)value);
                break;
            default:
                throw new NotSupportedException(DType.ToString());
        }
    }

    private static double Round(double value, DType dtype) => dtype switch
    {
        DType.F16 => (double)(Half)value,
        DType.BF16 => BFloat16.ToSingle(BFloat16.FromSingle((float)value)),
        _ => (float)value,
    };
}
