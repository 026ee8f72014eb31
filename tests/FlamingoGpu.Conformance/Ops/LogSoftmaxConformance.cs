using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class LogSoftmaxConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(0, 5, 1)]
    [InlineData(7, 443, 1)]
    [InlineData(3, 127, 500)]
    [InlineData(2, 50281, 12)]
    public void LogSoftmax_AnyRow_IsNormalised(int rows, int columns, double range)
    {
        var x = HostTensor.Uniform(1, [rows, columns], range);
        var expected = LogSoftmaxReference.Expect(x);
        expected.Check(Run(new LogSoftmax(), Place(x, 7)), $"log softmax {rows}x{columns} ±{range}");
        expected.Check(RunInPlace(new LogSoftmax(), Place(x)), $"log softmax in place {rows}x{columns}");
    }
}
