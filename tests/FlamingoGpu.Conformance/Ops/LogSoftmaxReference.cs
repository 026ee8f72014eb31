namespace FlamingoGpu.Conformance.Ops;

/// <summary>Log-probabilities in double precision, with the bound of an f32 implementation.</summary>
public static class LogSoftmaxReference
{
    /// <summary>
    /// One rounding each for x − max, log Σ and the difference; the exponentials are off by 4u and by the rounding of
    /// their argument, at most 100u where they count.
    /// </summary>
    public static Expectation Expect(HostTensor x)
    {
        var columns = x.Columns;
        var expected = new Expectation(x.Shape);
        for (var row = 0; row < x.Rows; row++)
        {
            var values = x.Row(row).ToArray();
            var largest = values.Max();
            var logSum = Math.Log(values.Sum(value => Math.Exp(value - largest)));
            for (var i = 0; i < columns; i++)
            {
                var value = values[i] - largest - logSum;
                var bound = Expectation.U * (Math.Abs(values[i] - largest) + logSum + Math.Abs(value))
                    + 104 * Expectation.U / columns + 4 * Expectation.U;
                expected.Set(row * columns + i, value, bound);
            }
        }

        return expected;
    }
}
