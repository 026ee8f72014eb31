using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class AttentionConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(2, 7, 13, 3, 5)]
    [InlineData(1, 257, 257, 2, 64)]
    [InlineData(1, 3, 127, 2, 80)]
    [InlineData(1, 133, 33, 1, 128)]
    [InlineData(1, 31, 443, 1, 33)]
    [InlineData(0, 7, 7, 2, 8)]
    [InlineData(2, 0, 7, 2, 8)]
    public void Attention_AnyShape_IsTheSoftmaxAverage(int batch, int queries, int keys, int heads, int dim) =>
        Check(batch, queries, keys, heads, dim, gap: 0, keyGap: 1);

    [Theory]
    [InlineData(2)]
    [InlineData(40)]
    public void Attention_ColumnSlices_IsTheSoftmaxAverage(int queries) => Check(2, queries, 19, 2, 16, gap: 11, keyGap: 12);

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public void Attention_LargeScores_StaysFinite(int queries)
    {
        var q = HostTensor.Uniform(1, [1, queries, 8], 1000);
        var k = HostTensor.Uniform(2, [1, 30, 8], 1000);
        var v = HostTensor.Uniform(3, [1, 30, 8]);
        var actual = Run(new Attention(1, 8, 1f), Place(q), Place(k), Place(v));
        Assert.All(actual, value => Assert.InRange(value, -1.0001f, 1.0001f));
    }

    protected string Check(
        int batch, int queries, int keys, int heads, int dim, int gap, int keyGap, DType input = DType.F32, DType output = DType.F32)
    {
        var op = new Attention(heads, dim, (float)(1 / Math.Sqrt(dim))) { OutputType = output };
        var q = HostTensor.Uniform(1, [batch, queries, heads * dim], 3, dtype: input);
        var k = HostTensor.Uniform(2, [batch, keys, heads * dim], 2, dtype: input);
        var v = HostTensor.Uniform(3, [batch, keys, heads * dim], dtype: input);
        var actual = Run(op, [Place(q, gap), Place(k, keyGap), Place(v, gap)], out var variant);
        var expected = new Expectation(q.Shape);
        for (var row = 0; row < batch * queries; row++)
        {
            for (var head = 0; head < heads; head++)
            {
                var firstKey = row / queries * keys;
                AttentionReference.Attend(
                    expected, ((long)row * heads + head) * dim, q.Row(row).Slice(head * dim, dim),
                    AttentionReference.Head(k, firstKey, keys, head, dim), AttentionReference.Head(v, firstKey, keys, head, dim), op.Scale,
                    weightType: AttentionReference.WeightType(variant, input));
            }
        }

        expected.StoredAs(output).Check(actual, $"{variant} attention {batch}x{queries}x{keys} {heads}x{dim}");
        return variant;
    }
}
