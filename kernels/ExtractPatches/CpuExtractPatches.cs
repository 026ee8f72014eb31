using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Copies picture squares into rows of a matrix; an output row is one patch.</summary>
internal sealed unsafe class CpuExtractPatches(CpuDevice device, ExtractPatches op, BoundTensor pixels, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
{
    private readonly RowView _pixels = new(pixels);
    private readonly RowView _y = new(y);
    private readonly long _channels = pixels.Shape[1];
    private readonly long _height = pixels.Shape[2];
    private readonly long _patchesPerRow = pixels.Shape[3] / op.PatchSize;
    private readonly long _patches = y.Shape[1];

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        var size = op.PatchSize;
        for (var row = first; row < last; row++)
        {
            var (image, patch) = Math.DivRem(row, _patches);
            var (patchY, patchX) = Math.DivRem(patch, _patchesPerRow);
            var destination = _y.Row(row);
            for (long channel = 0; channel < _channels; channel++)
            {
                var top = (image * _channels + channel) * _height + patchY * size;
                for (var line = 0; line < size; line++, destination += size)
                    Rows.Copy(_pixels.Row(top + line) + patchX * size, destination, size);
            }
        }
    }
}
