using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Checks;

/// <summary>Elements as bytes and back; every f32, f16, bf16 and i32 is a double exactly.</summary>
internal static class Elements
{
    /// <summary>The nearest value of a type.</summary>
    public static double Round(double value, DType type) => type switch
    {
        DType.F16 => (double)(Half)value,
        DType.BF16 => BFloat16.ToSingle(BFloat16.FromSingle((float)value)),
        _ => (float)value,
    };

    /// <summary>Writes one element.</summary>
    public static void Write(double value, DType type, Span<byte> destination)
    {
        switch (type)
        {
            case DType.F16:
                MemoryMarshal.Write(destination, (Half)value);
                break;
            case DType.BF16:
                MemoryMarshal.Write(destination, BFloat16.FromSingle((float)value));
                break;
            case DType.I32:
                MemoryMarshal.Write(destination, (int)value);
                break;
            case DType.F32:
                MemoryMarshal.Write(destination, (float)value);
                break;
            default:
                throw new NotSupportedException($"no case has {type.ShortName()} operands.");
        }
    }

    /// <summary>Reads contiguous elements.</summary>
    public static double[] Read(ReadOnlySpan<byte> bytes, DType type)
    {
        var size = (int)type.ByteSize(1);
        var values = new double[bytes.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var element = bytes.Slice(i * size, size);
            values[i] = type switch
            {
                DType.F16 => (double)MemoryMarshal.Read<Half>(element),
                DType.BF16 => BFloat16.ToSingle(MemoryMarshal.Read<ushort>(element)),
                DType.I32 => MemoryMarshal.Read<int>(element),
                _ => MemoryMarshal.Read<float>(element),
            };
        }

        return values;
    }
}
