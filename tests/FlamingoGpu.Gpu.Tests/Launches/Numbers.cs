using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Gpu.Tests.Launches;

/// <summary>Numbers as the device stores them: rounded to their type on the way in, doubles on the way out.</summary>
internal sealed class Numbers
{
    private readonly double[] _values;

    public Numbers(DType type, IEnumerable<double> values)
    {
        Type = type;
        Bytes = type switch
        {
            DType.F32 => MemoryMarshal.AsBytes<float>(values.Select(v => (float)v).ToArray()).ToArray(),
            DType.BF16 => MemoryMarshal.AsBytes<ushort>(
                values.Select(v => BFloat16.FromSingle((float)v)).ToArray()).ToArray(),
            DType.I32 => MemoryMarshal.AsBytes<int>(values.Select(v => (int)v).ToArray()).ToArray(),
            _ => throw new NotSupportedException($"{type} has no numbers here."),
        };
        _values = Decode(type, Bytes);
    }

    public DType Type { get; }

    public byte[] Bytes { get; }

    public int Count => _values.Length;

    public double this[int index] => _values[index];

    /// <summary>Numbers around zero, the same for the same seed.</summary>
    public static Numbers Random(DType type, int count, int seed, double scale = 1)
    {
        var random = new Random(seed);
        return new Numbers(type, Enumerable.Range(0, count).Select(_ => scale * ((2 * random.NextDouble()) - 1)));
    }

    public static double[] Decode(DType type, byte[] bytes) => type switch
    {
        DType.F32 => [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Select(v => (double)v)],
        DType.BF16 => [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Select(v => (double)BFloat16.ToSingle(v))],
        _ => [.. MemoryMarshal.Cast<byte, int>(bytes).ToArray().Select(v => (double)v)],
    };
}
