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
        var expected = new Expectation(x.Shape);
        for (var row = 0; row < rows; row++)
        {
            var values = x.Row(row).ToArray();
            var largest = values.Max();
            var logSum = Math.Log(values.Sum(value => Math.Exp(value - largest)));
            for (var i = 0; i < columns; i++)
            {
                // One rounding each for x − max, log Σ and the difference; the exponentials are off by 4u and by the
                // rounding of their argument, at most 100u where they count.
                var value = values[i] - largest - logSum;
                var bound = Expectation.U * (Math.Abs(values[i] - largest) + logSum + Math.Abs(value)) + 104 * Expectation.U / columns + 4 * Expectation.U;
                expected.Set((long)row * columns + i, value, bound);
            }
        }

        expected.Check(Run(new LogSoftmax(), Place(x, 7)), $"log softmax {rows}x{columns} ±{range}");
        expected.Check(RunInPlace(new LogSoftmax(), Place(x)), $"log softmax in place {rows}x{columns}");
    }
}
