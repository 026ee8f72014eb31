using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class CausalAttentionConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 1, 1, 0, false)]
    [InlineData(1, 4, 1, 0, true)]
    [InlineData(7, 3, 5, 13, true)]
    [InlineData(140, 2, 64, 5, true)]
    [InlineData(1, 2, 80, 127, false)]
    [InlineData(1, 2, 128, 443, true)]
    [InlineData(300, 1, 32, 0, false)]
    [InlineData(3, 1, 33, 30, true)]
    [InlineData(0, 1, 8, 3, false)]
    public void CausalAttention_RowsWithDifferentPasts_SeeTheirOwn(int tokens, int heads, int dim, int past, bool alibi) =>
        Check(tokens, heads, dim, past, alibi);

    protected string Check(
        int tokens, int heads, int dim, int past, bool alibi, DType input = DType.F32, DType output = DType.F32)
    {
        int[] pasts = [past, past / 2, 0];
        var (batch, width, context) = (pasts.Length, heads * dim, past + tokens + 2);
        var op = new CausalAttention(heads, dim, (float)(1 / Math.Sqrt(dim)), alibi) { OutputType = output };
        var q = HostTensor.Uniform(1, [batch, tokens, width], 3, dtype: input);
        var k = HostTensor.Uniform(2, [batch, tokens, width], 2, dtype: input);
        var v = HostTensor.Uniform(3, [batch, tokens, width], dtype: input);
        var cacheK = HostTensor.Uniform(4, [batch, context, width], 2, dtype: input);
        var cacheV = HostTensor.Uniform(5, [batch, context, width], dtype: input);
        var slopes = HostTensor.Uniform(6, [heads], 0.2, 0.3);
        var (placedK, placedV) = (Place(cacheK), Place(cacheV));
        var inputs = new List<BoundTensor>
        {
            Place(q, 2 * width), Place(k, 2 * width), Place(v, 2 * width), placedK, placedV, Place(HostTensor.Integers([batch], pasts)),
        };
        if (alibi) inputs.Add(Place(slopes));
        var actual = Run(op, [.. inputs], out var variant);

        for (var row = 0; row < batch; row++)
        {
            for (var token = 0; token < tokens; token++)
            {
                k.Row((long)row * tokens + token).CopyTo(cacheK.Values.AsSpan((row * context + pasts[row] + token) * width));
                v.Row((long)row * tokens + token).CopyTo(cacheV.Values.AsSpan((row * context + pasts[row] + token) * width));
            }
        }

        Assert.Equal(Array.ConvertAll(cacheK.Values, value => (float)value), Read(placedK));
        Assert.Equal(Array.ConvertAll(cacheV.Values, value => (float)value), Read(placedV));
        var expected = new Expectation(q.Shape);
        for (var row = 0; row < batch * tokens; row++)
        {
            for (var head = 0; head < heads; head++)
            {
                var entry = row / tokens;
                var position = pasts[entry] + row % tokens;
                Func<int, double>? bias = alibi ? key => slopes.Values[head] * (key - position) : null;
                AttentionReference.Attend(
                    expected, ((long)row * heads + head) * dim, q.Row(row).Slice(head * dim, dim),
                    AttentionReference.Head(cacheK, (long)entry * context, position + 1, head, dim),
                    AttentionReference.Head(cacheV, (long)entry * context, position + 1, head, dim), op.Scale, bias,
                    AttentionReference.WeightType(variant, input));
            }
        }

        expected.StoredAs(output).Check(actual, $"{variant} {tokens} tokens behind {past}, {heads}x{dim}");
        return variant;
    }

    [Fact]
    public void CausalAttention_TokenByToken_IsTheSameCacheAsAtOnce()
    {
        const int Tokens = 9;
        var op = new CausalAttention(2, 8, 0.3f, Alibi: false);
        var (q, k, v) = (HostTensor.Uniform(1, [1, Tokens, 16]), HostTensor.Uniform(2, [1, Tokens, 16]), HostTensor.Uniform(3, [1, Tokens, 16]));
        var empty = HostTensor.Uniform(4, [1, Tokens, 16], 0);
        var atOnce = Run(op, Place(q), Place(k), Place(v), Place(empty), Place(empty), Place(HostTensor.Integers([1], 0)));
        var (cacheK, cacheV) = (Place(empty), Place(empty));
        for (var token = 0; token < Tokens; token++)
        {
            BoundTensor Token(HostTensor tensor) => Place(HostTensor.Of([1, 1, 16], tensor.Row(token).ToArray()));
            var one = Run(op, Token(q), Token(k), Token(v), cacheK, cacheV, Place(HostTensor.Integers([1], token)));
            for (var i = 0; i < 16; i++) Assert.Equal(atOnce[token * 16 + i], one[i], 1e-6);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    public void CausalAttention_PastBeyondTheCache_IsRefused(int past)
    {
        var x = HostTensor.Uniform(1, [1, 4, 8]);
        var cache = HostTensor.Uniform(2, [1, 8, 8]);
        var (cacheK, cacheV) = (Place(cache), Place(cache));
        RequireRefused(
            new CausalAttention(1, 8, 1f, Alibi: false),
            Place(x), Place(x), Place(x), cacheK, cacheV, Place(HostTensor.Integers([1], past)));
        Assert.Equal(Array.ConvertAll(cache.Values, value => (float)value), Read(cacheK));
        Assert.Equal(Array.ConvertAll(cache.Values, value => (float)value), Read(cacheV));
    }
}
