using System.Runtime.InteropServices;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="Rotary"/> to its GPU kernel.</summary>
internal static class GpuRotary
{
    public static BoundKernel Bind(GpuKernels kernels, Rotary op, BoundTensor x, BoundTensor positions, BoundTensor y)
    {
        var half = op.RotaryDims / 2;
        var (rows, width) = (checked((int)y.Rows), checked((int)y.Columns));

        // Pairs, heads and what is only copied must all be made of whole vectors.
        var vector = FloatVectors.WidthFor(width, x, y);
        while (half % vector != 0 || op.HeadDim % vector != 0) vector /= 2;
        var items = op.Heads * (op.HeadDim - half);
        var frequencies = Frequencies(kernels, op.RotaryDims, op.Base);
        return kernels.Launch(
            new RotaryKernel(op.HeadDim, op.RotaryDims, x.DType, y.DType, RowGrid.For(items, vector)),
            LaunchSizes.Of(("rows", rows), ("columns", items), ("width", width)),
            x, positions, frequencies, y, x.RowPitch, width, rows, items);
    }

    /// <summary>Address of the frequencies [R/2] f32, uploaded once for each R and base.</summary>
    public static nint Frequencies(GpuKernels kernels, int rotaryDims, float frequencyBase) => kernels.Device.Constant(
        FormattableString.Invariant($"rotary {rotaryDims} {frequencyBase:R}"),
        () => MemoryMarshal.AsBytes(RotaryTable.InverseFrequencies(rotaryDims, frequencyBase).AsSpan()).ToArray());
}
