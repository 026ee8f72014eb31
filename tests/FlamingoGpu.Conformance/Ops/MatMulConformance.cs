using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class MatMulConformance<TTarget> : MatMulCases<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(0, 7, 5)]
    [InlineData(7, 127, 443)]
    [InlineData(13, 33, 17)]
    [InlineData(9, 64, 513)]
    [InlineData(257, 65, 64)]
    [InlineData(12, 32, 0)]
    [InlineData(530, 31, 127)]
    [InlineData(64, 127, 1025)]
    [InlineData(1, 129, 2048)]
    [InlineData(1, 131, 4099)]
    [InlineData(4, 192, 1024)]
    [InlineData(8, 70, 1000)]
    public void MatMul_PlainF32_IsTheProduct(int rows, int n, int k) =>
        Check(new Epilogue(), DType.F32, rows, n, k);

    [Theory]
    [InlineData(DType.BF16, 1, 127, 443)]
    [InlineData(DType.BF16, 7, 33, 65)]
    [InlineData(DType.BF16, 1, 95, 8193)]
    [InlineData(DType.BF16, 61, 97, 523)]
    [InlineData(DType.F16, 1, 127, 443)]
    [InlineData(DType.F16, 5, 33, 65)]
    [InlineData(DType.F16, 61, 97, 523)]
    public void MatMul_HalfWidthWeights_IsTheProduct(DType dtype, int rows, int n, int k) =>
        Check(new Epilogue(), dtype, rows, n, k);

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F16)]
    public void MatMul_WeightAtOddAddress_IsTheProductOrRefused(DType dtype)
    {
        if (!Target.TakesAnyAddress)
        {
            var error = Assert.Throws<NotSupportedException>(
                () => Check(new Epilogue(), dtype, 3, 37, 71, byteOffset: 1));
            Assert.Contains("aligned", error.Message, StringComparison.Ordinal);
            return;
        }

        Check(new Epilogue(), dtype, 3, 37, 71, byteOffset: 1);
        Check(new Epilogue(), dtype, 30, 37, 71, byteOffset: 3);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    public void MatMul_ColumnSlices_IsTheProduct(int rows) =>
        Check(new Epilogue(Bias: true, Residual: true), DType.F32, rows, 45, 50, gap: 13);

    [Fact]
    public void MatMul_EveryEpilogue_FinishesTheProduct()
    {
        foreach (var activation in Enum.GetValues<Activation>())
        {
            for (var parts = 0; parts < 8; parts++)
            {
                var isGated = (parts & 2) != 0; // as in a gated feed-forward of a gated block: both or none
                var epilogue = new Epilogue((parts & 1) != 0, activation, isGated, (parts & 4) != 0, isGated);
                Check(epilogue, DType.F32, 5, 37, 40);
                Check(epilogue, DType.F32, 18, 37, 40);
            }
        }
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(20, 7)]
    public void MatMul_GatedFeedForward_MultipliesTheActivation(int rows, int gap)
    {
        Check(new Epilogue(Activation: Activation.Silu, Multiply: true), DType.F32, rows, 44, 40, gap);
        Check(new Epilogue(Gate: true), DType.F32, rows, 44, 40, gap);
        var withResidual = new Epilogue(Activation: Activation.GeluErf, Residual: true, Multiply: true);
        Check(withResidual, DType.BF16, rows, 45, 40, gap);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(31)]
    public void MatMul_OverItsResidual_IsTheSameAsBeside(int rows)
    {
        var op = new MatMul(new Epilogue(Residual: true));
        var x = Place(HostTensor.Uniform(1, [rows, 1100]));
        var w = Place(HostTensor.Uniform(2, [70, 1100]));
        var residual = HostTensor.Uniform(3, [rows, 70]);
        Assert.Equal(Run(op, x, w, Place(residual)), RunInPlace(op, x, w, Place(residual)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void MatMul_SpecialHalfValues_AreExact(int rows)
    {
        // One nonzero x per row picks single weights: zero, subnormals, largest, smallest normal, infinity.
        double[] specials = [0, Math.ScaleB(1, -24), -Math.ScaleB(1023, -24), Math.ScaleB(1, -14), 65504, -65504, 1, double.PositiveInfinity];
        var w = HostTensor.Uniform(1, [8, 1], dtype: DType.F16);
        specials.CopyTo(w.Values, 0);
        var x = HostTensor.Of([rows, 1], Enumerable.Repeat(1.0, rows).ToArray());
        var actual = Run(new MatMul(new Epilogue()), Place(x), Place(w));
        for (var i = 0; i < actual.Length; i++) Assert.Equal((float)specials[i % 8], actual[i]);
    }

    private void Check(Epilogue epilogue, DType dtype, int rows, int n, int k, int gap = 0, int byteOffset = 0) =>
        Check(new MatMulCase(rows, n, k) { Epilogue = epilogue, W = dtype, Gap = gap, ByteOffset = byteOffset });
}
