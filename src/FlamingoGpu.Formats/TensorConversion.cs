using System.Buffers;
using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// Copies tensors from any source into one safetensors file, converting as it goes, a piece at a time.
/// </summary>
public static class TensorConversion
{
    private const int ChunkElements = 65536;

    /// <summary>
    /// Writes the tensors of a source, those with larger elements first so that each lies aligned, otherwise in the
    /// source's order. The destination appears whole or not at all.
    /// </summary>
    /// <param name="source">Where the tensors come from; stays open.</param>
    /// <param name="destination">File to write; replaced if it exists.</param>
    /// <param name="options">Type, choice and names; null changes nothing.</param>
    /// <param name="progress">Told the number of data bytes written so far.</param>
    /// <param name="cancellation">Stops between pieces; the destination is then untouched.</param>
    /// <exception cref="InvalidRequestException">The dtype is no target, or two tensors get one name.</exception>
    /// <exception cref="InvalidFileException">
    /// The source is damaged, or a finite value is too large for the type asked for.
    /// </exception>
    /// <exception cref="FlamingoException">The destination cannot be written.</exception>
    public static void ToSafetensors(
        ITensorSource source,
        string destination,
        TensorConversionOptions? options = null,
        IProgress<long>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new TensorConversionOptions();
        if (options.DType is { } target && !FloatConversion.IsSupported(target))
        {
            throw new InvalidRequestException(
                $"weights cannot be converted to {target.ShortName()}; choose f32, f16, bf16 or f64.");
        }
        var tensors = source.Entries
            .Where(entry => options.Filter?.Invoke(entry) ?? true)
            .Select(entry => ToWrite(source, entry, options.Rename?.Invoke(entry.Name) ?? entry.Name, options.DType))
            .OrderByDescending(tensor => tensor.DType.BitSize())
            .ToList();
        SafetensorsWriter.Write(destination, tensors, options.Metadata, progress, cancellation);
    }

    /// <summary>One tensor of a source for <see cref="SafetensorsWriter"/>, converted while it is written.</summary>
    /// <param name="source">Where it comes from; stays open until it is written.</param>
    /// <param name="entry">The tensor.</param>
    /// <param name="name">Name to write it under.</param>
    /// <param name="to">Type for a floating-point tensor; null, or a tensor of another kind, keeps the stored one.</param>
    public static TensorToWrite ToWrite(ITensorSource source, TensorEntry entry, string name, DType? to)
    {
        var dtype = FloatConversion.IsSupported(entry.DType) ? to ?? entry.DType : entry.DType;
        return dtype == entry.DType
            ? new TensorToWrite(name, dtype, entry.Shape,
                stream => TensorToWrite.FromData(name, dtype, entry.Shape, source.Read(entry)).WriteData(stream))
            : new TensorToWrite(name, dtype, entry.Shape, stream => Convert(source.Read(entry), entry, dtype, stream));
    }

    private static unsafe void Convert(TensorData data, TensorEntry entry, DType to, Stream stream)
    {
        var fromBytes = entry.DType.BitSize() / 8;
        var toBytes = to.BitSize() / 8;
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkElements * toBytes);
        try
        {
            for (long start = 0; start < entry.Shape.ElementCount; start += ChunkElements)
            {
                var count = (int)Math.Min(ChunkElements, entry.Shape.ElementCount - start);
                var input = new ReadOnlySpan<byte>((byte*)data.Address + (start * fromBytes), count * fromBytes);
                var output = buffer.AsSpan(0, count * toBytes);
                FloatConversion.Convert(input, entry.DType, output, to);
                RequireNoOverflow(input, output, entry, to, start);
                stream.Write(output);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>An infinity must have been one before.</summary>
    private static void RequireNoOverflow(
        ReadOnlySpan<byte> input, ReadOnlySpan<byte> output, TensorEntry entry, DType to, long start)
    {
        for (var i = 0; ; i++)
        {
            var next = NextInfinity(output, to, i);
            if (next < 0) return;
            i = next;
            var value = ValueAt(input, entry.DType, i);
            if (!double.IsFinite(value)) continue;
            throw new InvalidFileException(entry.File,
                $"element {start + i} is {value}, too large for {to.ShortName()}; convert to bf16 or f32 instead.",
                entry.Name);
        }
    }

    private static int NextInfinity(ReadOnlySpan<byte> values, DType dtype, int from)
    {
        var found = dtype switch
        {
            DType.F16 => MemoryMarshal.Cast<byte, ushort>(values)[from..].IndexOfAny<ushort>(0x7C00, 0xFC00),
            DType.BF16 => MemoryMarshal.Cast<byte, ushort>(values)[from..].IndexOfAny<ushort>(0x7F80, 0xFF80),
            DType.F32 => MemoryMarshal.Cast<byte, uint>(values)[from..].IndexOfAny(0x7F80_0000u, 0xFF80_0000u),
            _ => -1,
        };
        return found < 0 ? -1 : from + found;
    }

    private static double ValueAt(ReadOnlySpan<byte> values, DType dtype, int index) => dtype switch
    {
        DType.F64 => MemoryMarshal.Cast<byte, double>(values)[index],
        DType.F32 => MemoryMarshal.Cast<byte, float>(values)[index],
        DType.BF16 => BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(values)[index]),
        _ => (double)MemoryMarshal.Cast<byte, Half>(values)[index],
    };
}
