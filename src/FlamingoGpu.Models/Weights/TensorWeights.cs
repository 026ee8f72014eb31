using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// Weights out of a checkpoint. Matrices stay where they are mapped unless another type is asked for; small tensors
/// are widened to f32.
/// </summary>
/// <param name="weights">Owns the memory and keeps the list.</param>
/// <param name="source">The checkpoint; disposed by <paramref name="weights"/>.</param>
/// <param name="part">Part of the model.</param>
/// <param name="matrixType">Type to convert matrices to, or null to use them as stored.</param>
/// <param name="headersOnly">True: checks names, types and shapes but reads and converts nothing, for plans and reports.</param>
public sealed unsafe class TensorWeights(
    ModelWeights weights, ITensorSource source, string part, DType? matrixType = null, bool headersOnly = false) : IWeightSource
{
    /// <inheritdoc/>
    public bool Contains(string name) => source.TryGet(name, out _);

    /// <inheritdoc/>
    public Weight Matrix(string name, Shape shape, Shape? storedShape = null)
    {
        var entry = Find(name, storedShape ?? shape);
        var dtype = matrixType ?? (entry.DType.IsWeightFloat() ? entry.DType : DType.F32);
        if (headersOnly) return weights.Add(part, name, new TensorType(dtype, shape), 0);
        var data = source.Read(entry);
        var address = dtype == entry.DType ? data.Address : Converted(entry, data, dtype);
        return weights.Add(part, name, new TensorType(dtype, shape), address);
    }

    /// <inheritdoc/>
    public Weight Vector(string name, Shape shape)
    {
        var entry = Find(name, shape);
        if (headersOnly) return weights.Add(part, name, TensorType.F32(shape), 0);
        var data = source.Read(entry);
        var aligned = entry.DType == DType.F32 && data.Address % sizeof(float) == 0;
        return weights.Add(part, name, TensorType.F32(shape), aligned ? data.Address : Converted(entry, data, DType.F32));
    }

    /// <inheritdoc/>
    public Weight Transposed(string name, Shape shape)
    {
        var entry = Find(name, shape);
        if (headersOnly) return weights.Add(part, name, TensorType.F32([shape[1], shape[0]]), 0);
        var stored = new ReadOnlySpan<float>((void*)Converted(entry, source.Read(entry), DType.F32), checked((int)shape.ElementCount));
        var (rows, columns) = (shape.Int(0), shape.Int(1));
        var address = weights.Allocate(DType.F32.ByteSize(shape.ElementCount));
        var transposed = new Span<float>((void*)address, stored.Length);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++) transposed[column * rows + row] = stored[row * columns + column];
        }

        return weights.Add(part, name, TensorType.F32([columns, rows]), address);
    }

    private TensorEntry Find(string name, Shape expected)
    {
        if (!source.TryGet(name, out var entry))
            throw new InvalidFileException(source.Location, "missing; the model needs it. Is this the right file for this part?", name);
        if (entry.DType is not (DType.F32 or DType.F16 or DType.BF16 or DType.F64))
            throw new InvalidFileException(entry.File, $"expected a float tensor (f32, f16, bf16 or f64), file has {entry.DType.ShortName()}.", name, entry.Offset);
        if (entry.Shape != expected)
            throw new InvalidFileException(entry.File, $"expected {expected}, file has {entry.Shape}; the part's configuration and this file probably belong to different models.", name, entry.Offset);
        return entry;
    }

    private nint Converted(TensorEntry entry, TensorData data, DType dtype)
    {
        const long chunk = 1 << 24; // elements; spans are limited to 2 GiB
        var count = entry.Shape.ElementCount;
        var address = weights.Allocate(dtype.ByteSize(count));
        for (long start = 0; start < count; start += chunk)
        {
            var elements = Math.Min(chunk, count - start);
            FloatConversion.Convert(
                new ReadOnlySpan<byte>((void*)(data.Address + (nint)entry.DType.ByteSize(start)), (int)entry.DType.ByteSize(elements)),
                entry.DType,
                new Span<byte>((void*)(address + (nint)dtype.ByteSize(start)), (int)dtype.ByteSize(elements)),
                dtype);
        }

        return address;
    }
}
