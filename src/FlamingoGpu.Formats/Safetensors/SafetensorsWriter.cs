using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// Writes safetensors files. The data goes to a temporary name beside the destination, which is replaced only when all
/// of it is on disk: no reader ever sees half a file, and a failure leaves what was there before.
/// </summary>
public static class SafetensorsWriter
{
    private const int BufferBytes = 1024 * 1024;

    /// <summary>
    /// Writes the tensors in the order given; the header is padded so that data begins at a multiple of 8.
    /// </summary>
    /// <param name="path">Destination; replaced if it exists.</param>
    /// <param name="tensors">
    /// All tensors. Ordered by descending element size, every tensor begins at a multiple of its element size.
    /// </param>
    /// <param name="metadata">Strings for <c>__metadata__</c>; left out when null or empty.</param>
    /// <param name="progress">Told the number of data bytes written so far, about every 16 MiB and at the end.</param>
    /// <param name="cancellation">Stops between writes; the destination is then untouched.</param>
    /// <exception cref="InvalidRequestException">
    /// A name is repeated, reserved or not valid Unicode, a dtype is not of the format, or a tensor gives more or fewer
    /// bytes than its shape takes.
    /// </exception>
    /// <exception cref="FlamingoException">
    /// The destination cannot be written, for example because the disk is full.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Write(
        string path,
        IReadOnlyList<TensorToWrite> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        IProgress<long>? progress = null,
        CancellationToken cancellation = default)
    {
        var sizes = CheckedSizes(tensors);
        var header = Header(tensors, sizes, metadata);
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            using (var file = new FileStream(
                partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes))
            {
                file.Write(header);
                using var sink = new TensorSink(file, progress, cancellation);
                for (var i = 0; i < tensors.Count; i++) sink.Take(tensors[i], sizes[i]);
                file.Flush(flushToDisk: true);
                sink.Complete();
            }
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception error)
        {
            TryDelete(partial);
            if (error is IOException or UnauthorizedAccessException or NotSupportedException)
                throw new FlamingoException($"{path}: cannot be written: {error.Message}", error);
            throw;
        }
    }

    private static long[] CheckedSizes(IReadOnlyList<TensorToWrite> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var sizes = new long[tensors.Count];
        for (var i = 0; i < sizes.Length; i++)
        {
            var tensor = tensors[i];
            RequireText(tensor.Name);
            if (tensor.Name == SafetensorsHeader.MetadataKey)
                throw new InvalidRequestException($"'{tensor.Name}' is reserved and cannot name a tensor.");
            if (!names.Add(tensor.Name)) throw new InvalidRequestException($"tensor '{tensor.Name}' is given twice.");
            if (SafetensorsDTypes.NameOf(tensor.DType) is null)
                throw new InvalidRequestException($"tensor '{tensor.Name}': safetensors has no dtype {tensor.DType}.");
            if (tensor.DType.BitSize() < 8 && tensor.Shape.ElementCount % 8 * tensor.DType.BitSize() % 8 != 0)
            {
                throw new InvalidRequestException(
                    $"tensor '{tensor.Name}': {tensor.Shape} of {tensor.DType} does not fill whole bytes.");
            }
            sizes[i] = tensor.DType.ByteSize(tensor.Shape.ElementCount);
        }
        return sizes;
    }

    /// <summary>Length prefix, JSON and padding.</summary>
    private static ReadOnlySpan<byte> Header(
        IReadOnlyList<TensorToWrite> tensors, long[] sizes, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(stackalloc byte[SafetensorsHeader.PrefixBytes]);
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 }) WriteMetadata(json, metadata);
            long begin = 0;
            for (var i = 0; i < sizes.Length; i++)
            {
                WriteTensor(json, tensors[i], begin, begin + sizes[i]);
                begin += sizes[i];
            }
            json.WriteEndObject();
        }
        while (buffer.WrittenCount % 8 != 0) buffer.Write(" "u8);

        var jsonBytes = buffer.WrittenCount - SafetensorsHeader.PrefixBytes;
        if (jsonBytes > SafetensorsHeader.MaxBytes)
        {
            throw new InvalidRequestException(
                $"the header of {tensors.Count} tensors takes {jsonBytes} bytes; "
                + $"the format allows {SafetensorsHeader.MaxBytes}.");
        }
        var header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, jsonBytes);
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach (var (key, value) in metadata)
        {
            RequireText(key);
            RequireText(value);
            json.WriteString(key, value);
        }
        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, TensorToWrite tensor, long begin, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype"u8, SafetensorsDTypes.NameOf(tensor.DType));
        json.WriteStartArray("shape"u8);
        foreach (var extent in tensor.Shape.Extents) json.WriteNumberValue(extent);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets"u8);
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The JSON writer would silently replace half a surrogate pair, and two names could become one.</summary>
    private static void RequireText(string text)
    {
        try
        {
            StrictUtf8.Encoding.GetByteCount(text);
        }
        catch (EncoderFallbackException error)
        {
            throw new InvalidRequestException($"'{text}' is not valid Unicode and cannot be written.", error);
        }
    }

    private static void TryDelete(string partial)
    {
        try
        {
            File.Delete(partial);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to report.
        }
    }
}
