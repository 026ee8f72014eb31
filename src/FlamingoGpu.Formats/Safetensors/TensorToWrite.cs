using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>One tensor for <see cref="SafetensorsWriter"/>; its bytes are asked for when their turn comes.</summary>
/// <param name="Name">Name in the file; unique, not <c>__metadata__</c>.</param>
/// <param name="DType">Element type; any of the format, hence not packed I4.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="WriteData">
/// Writes exactly the bytes that type and shape take, row-major and little-endian, to the stream it is given. It may
/// write in pieces of any size, so nothing needs to be in memory at once.
/// </param>
public sealed record TensorToWrite(string Name, DType DType, Shape Shape, Action<Stream> WriteData)
{
    private const int ChunkBytes = 16 * 1024 * 1024;

    /// <summary>A tensor whose bytes lie in memory that must stay valid until they are written.</summary>
    public static TensorToWrite FromData(string name, DType dtype, Shape shape, TensorData data) =>
        new(name, dtype, shape, stream => Copy(data, stream));

    /// <summary>A tensor from managed memory; not copied.</summary>
    public static TensorToWrite FromBytes(string name, DType dtype, Shape shape, ReadOnlyMemory<byte> bytes) =>
        new(name, dtype, shape, stream => stream.Write(bytes.Span));

    /// <summary>An f32 tensor from managed memory; not copied.</summary>
    public static TensorToWrite FromSingles(string name, Shape shape, ReadOnlyMemory<float> values) =>
        new(name, DType.F32, shape, stream => stream.Write(MemoryMarshal.AsBytes(values.Span)));

    private static unsafe void Copy(TensorData data, Stream stream)
    {
        for (long done = 0; done < data.ByteLength; done += ChunkBytes)
        {
            var length = (int)Math.Min(ChunkBytes, data.ByteLength - done);
            stream.Write(new ReadOnlySpan<byte>((byte*)data.Address + done, length));
        }
    }
}
