using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="SampleToken"/> to its GPU kernel.</summary>
internal static class GpuSampleToken
{
    public static BoundKernel Bind(GpuKernels kernels, SampleToken op, BoundTensor x, BoundTensor draws, BoundTensor y)
    {
        var (rows, columns) = (x.Rows, checked((int)x.Columns));
        if (columns > RankedRow.MaxColumns)
            throw new NotSupportedException($"gpu: sample_token of {columns} columns; {RankedRow.MaxColumns} is the most.");
        var shape = LogitRowShape.For(columns, FloatVectors.WidthFor(columns, x));
        return kernels.Launch(
            new SampleTokenKernel(op.TopK > 0, op.TopP < 1, op.MinP > 0, shape),
            LaunchSizes.Of(("rows", rows), ("columns", columns)),
            x, draws, y, x.RowPitch, columns, op.Temperature, op.TopK, op.TopP, (float)Math.Log(op.MinP));
    }
}
