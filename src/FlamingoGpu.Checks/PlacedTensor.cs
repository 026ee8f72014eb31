using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Checks;

/// <summary>
/// A tensor on a device among poison: the gaps between its rows and 256 bytes on either side are 0xFF, NaN in every
/// float type, and must still be so after a run.
/// </summary>
internal sealed class PlacedTensor : IDisposable
{
    private const int GuardBytes = 256;

    private readonly IDevice _device;
    private readonly DeviceMemory _memory;
    private readonly int _size;

    /// <summary>Copies values to the device; null leaves poison everywhere, as for an output.</summary>
    public PlacedTensor(IDevice device, TensorType type, int gap, double[]? values)
    {
        _device = device;
        _size = (int)type.DType.ByteSize(1);
        var columns = type.Shape.Rank == 0 ? 1 : type.Shape[^1];
        var rows = columns == 0 ? 0 : type.Shape.ElementCount / columns;
        var pitch = columns + gap;
        var bytes = new byte[2 * GuardBytes + rows * pitch * _size];
        bytes.AsSpan().Fill(0xFF);
        _memory = device.Allocate(bytes.Length, "case");
        Tensor = new BoundTensor(_memory.Address + GuardBytes, type.DType, type.Shape, pitch);
        for (long i = 0; i < (values?.Length ?? 0); i++)
            Elements.Write(values![i], type.DType, bytes.AsSpan(At(i)));
        device.Upload(bytes, _memory.Address);
    }

    /// <summary>The tensor.</summary>
    public BoundTensor Tensor { get; }

    /// <summary>
    /// The elements, and where the poison was overwritten: an offset from the first element, or null.
    /// </summary>
    public double[] Read(out long? damage)
    {
        var bytes = new byte[_memory.ByteLength];
        _device.Download(_memory.Address, bytes);
        var (columns, rows) = (Tensor.Columns, Tensor.Columns == 0 ? 0 : Tensor.Shape.ElementCount / Tensor.Columns);
        var packed = new byte[Tensor.Shape.ElementCount * _size];
        for (long row = 0; row < rows; row++)
        {
            var source = bytes.AsSpan(At(row * columns), (int)columns * _size);
            source.CopyTo(packed.AsSpan((int)(row * columns) * _size));
            source.Fill(0xFF);
        }

        var at = bytes.AsSpan().IndexOfAnyExcept((byte)0xFF);
        damage = at < 0 ? null : at - GuardBytes;
        return Elements.Read(packed, Tensor.DType);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private int At(long element) =>
        (int)(GuardBytes + (element / Tensor.Columns * Tensor.RowPitch + element % Tensor.Columns) * _size);
}
