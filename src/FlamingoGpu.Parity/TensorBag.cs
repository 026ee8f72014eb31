using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Parity;

/// <summary>The tensors of one small fixture file, read whole.</summary>
internal sealed class TensorBag : IDisposable
{
    private readonly ITensorSource _source;

    private TensorBag(ITensorSource source) => _source = source;

    /// <summary>The file.</summary>
    public ITensorSource Source => _source;

    /// <summary>Names of all tensors.</summary>
    public IEnumerable<string> Names => _source.Entries.Select(entry => entry.Name);

    /// <summary>Opens a file.</summary>
    public static TensorBag Open(string path) => new(TensorSources.Open(path));

    /// <summary>True when the tensor is there.</summary>
    public bool Has(string name) => _source.TryGet(name, out _);

    /// <summary>Shape of a tensor.</summary>
    /// <exception cref="InvalidFileException">It is missing.</exception>
    public Shape ShapeOf(string name) => Find(name).Shape;

    /// <summary>A float tensor, widened to f32.</summary>
    /// <exception cref="InvalidFileException">It is missing or no float.</exception>
    public float[] Floats(string name)
    {
        var entry = Find(name);
        if (!FloatConversion.IsSupported(entry.DType)) throw Wrong(entry, "a float tensor");
        var result = new float[entry.Shape.ElementCount];
        FloatConversion.Convert(_source.Read(entry).Bytes, entry.DType, MemoryMarshal.AsBytes(result.AsSpan()), DType.F32);
        return result;
    }

    /// <summary>An integer or boolean tensor.</summary>
    /// <exception cref="InvalidFileException">It is missing or no integer.</exception>
    public int[] Integers(string name)
    {
        var entry = Find(name);
        var bytes = _source.Read(entry).Bytes;
        var result = new int[entry.Shape.ElementCount];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = entry.DType switch
            {
                DType.I64 => checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..])),
                DType.I32 => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]),
                DType.U8 or DType.Bool => bytes[i],
                _ => throw Wrong(entry, "an integer or boolean tensor"),
            };
        }

        return result;
    }

    /// <summary>The bytes of a u8 tensor.</summary>
    /// <exception cref="InvalidFileException">It is missing or of another type.</exception>
    public byte[] Bytes(string name)
    {
        var entry = Find(name);
        if (entry.DType != DType.U8) throw Wrong(entry, "a u8 tensor");
        return _source.Read(entry).Bytes.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private TensorEntry Find(string name) => _source.TryGet(name, out var entry)
        ? entry
        : throw new InvalidFileException(_source.Location, "missing; the fixture is incomplete.", name);

    private static InvalidFileException Wrong(TensorEntry entry, string expected) =>
        new(entry.File, $"expected {expected}, file has {entry.DType.ShortName()}.", entry.Name, entry.Offset);
}
