using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>A product of few rows that normalises them itself.</summary>
/// <remarks>
/// Bound: an element of the normalised rows is off by δ (<see cref="NormReference"/>, one rounding to their type
/// included), so the product is off by Σ|w|·δ besides <see cref="Expectation.SumRoundings"/> · u · Σ|w|·(|z| + δ); an
/// added residual rounds once more.
/// </remarks>
public sealed class NormedMatMulTests : OpConformance<ManySchedules>
{
    private const double U = Expectation.U;

    [Theory]
    [InlineData(1, 37, 2048, DType.F32, DType.BF16, DType.BF16, 0)] // a decode step
    [InlineData(8, 21, 512, DType.F32, DType.F32, DType.BF16, 0)]
    [InlineData(3, 18, 443, DType.F32, DType.F16, DType.F16, 0)] // rows of no vectors
    [InlineData(5, 13, 260, DType.BF16, DType.BF16, DType.BF16, 4)]
    [InlineData(2, 9, 1028, DType.F32, DType.F32, DType.BF16, 0)]
    [InlineData(4, 16, 64, DType.F32, DType.F32, DType.F32, 3)]
    [InlineData(7, 5, 1, DType.F16, DType.F32, DType.F32, 0)]
    public void Run_EveryNorm_IsTheProductOfTheNormalisedRows(
        int rows, int n, int k, DType x, DType between, DType w, int gap)
    {
        var hx = HostTensor.Uniform(1, [rows, k], 2, center: 3, dtype: x);
        var (hw, weight, bias, residual) = (
            HostTensor.Uniform(2, [n, k], dtype: w), HostTensor.Uniform(3, [k]), HostTensor.Uniform(4, [k]),
            HostTensor.Uniform(5, [rows, n]));
        foreach (var norm in new Op[] { new LayerNorm(1e-5f, false), new LayerNorm(1e-5f, true), new RmsNorm(1e-6f) })
        {
            var op = NormedMatMul.Of(norm with { OutputType = between }, new MatMul(new Epilogue(Residual: true)));
            var normed = norm is LayerNorm layer
                ? NormReference.LayerNorm(layer, hx, weight, bias) : NormReference.RmsNorm((RmsNorm)norm, hx, weight);
            BoundTensor[] parameters = op.NormInputs == 3 ? [Place(weight), Place(bias)] : [Place(weight)];
            BoundTensor[] inputs = [Place(hx, gap), .. parameters, Place(hw), Place(residual)];
            Assert.True(Target.Kernels.Fuses(op, inputs));
            var actual = Run(op, inputs, out var variant);
            Assert.Contains(norm is LayerNorm ? "_of_layer_norm_" : "_of_rms_norm_", variant, StringComparison.Ordinal);
            Expect(normed.StoredAs(between), hw, residual).Check(actual, $"{variant} {rows}x{n}x{k}");
        }
    }

    [Theory]
    [InlineData(9, 64)] // too many rows for a gemv
    [InlineData(8, 4100)] // 64 KB of normalised rows
    [InlineData(2, 64)] // tensor cores read normalised rows from memory
    public void Fuses_WhatAGemvDoesNotTake_IsTwoKernels(int rows, int k)
    {
        var op = NormedMatMul.Of(new LayerNorm(1e-5f, false) { OutputType = DType.BF16 }, new MatMul(default));
        BoundTensor[] inputs = [new(0, DType.F32, [rows, k]), new(0, DType.F32, [k]), new(0, DType.BF16, [8, k])];
        Assert.False(Target.Kernels.Fuses(op, inputs));
    }

    private static Expectation Expect(Expectation normed, HostTensor w, HostTensor residual)
    {
        var (k, n) = ((int)w.Columns, (int)w.Rows);
        var expected = new Expectation(residual.Shape);
        for (var i = 0; i < residual.Values.Length; i++)
        {
            double sum = 0, magnitude = 0, inherited = 0;
            for (var j = 0; j < k; j++)
            {
                var (factor, at) = (w.Values[i % n * k + j], i / n * k + j);
                sum += factor * normed.Values[at];
                magnitude += Math.Abs(factor) * (Math.Abs(normed.Values[at]) + normed.Bounds[at]);
                inherited += Math.Abs(factor) * normed.Bounds[at];
            }

            var bound = inherited + Expectation.SumRoundings(k) * U * magnitude;
            sum += residual.Values[i];
            expected.Set(i, sum, bound + U * (Math.Abs(sum) + bound));
        }

        return expected;
    }
}
