using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="ProcessLogits"/> to its GPU kernel.</summary>
internal static class GpuProcessLogits
{
    public static BoundKernel Bind(GpuKernels kernels, ProcessLogits op, ReadOnlySpan<BoundTensor> inputs,
        BoundTensor y)
    {
        var (x, rows, columns) = (inputs[0], checked((int)y.Rows), checked((int)y.Columns));
        var words = (int)ProcessLogits.WordsFor(columns);
        return kernels.Launch(
            new ProcessLogitsKernel(RowGrid.For(columns, FloatVectors.WidthFor(columns, x, y))),
            LaunchSizes.Of(("rows", rows), ("columns", columns), ("words", words)),
            x, inputs[1], inputs[2], y, x.RowPitch, words, op.RepetitionPenalty, rows, columns);
    }
}
