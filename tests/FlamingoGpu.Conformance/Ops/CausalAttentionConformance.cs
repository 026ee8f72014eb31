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

    [Theory]
    [InlineData(5, 6, 8, 11, true, 3)]
    [InlineData(1, 6, 16, 40, false, 2)]
    [InlineData(1, 8, 8, 70, true, 8)]
    [InlineData(1, 9, 4, 9, false, 9)]
    public void CausalAttention_SharedKeyHeads_AreEachReadByTheirGroup(
        int tokens, int heads, int dim, int past, bool alibi, int group) => Check(tokens, heads, dim, past, alibi, group);

    [Theory]
    [InlineData(5, 2, 8, 11, 1, 8)]
    [InlineData(140, 1, 16, 0, 1, 16)]
    [InlineData(1, 4, 80, 130, 2, 80)]
    [InlineData(1, 2, 7, 30, 1, 6)]
    [InlineData(3, 2, 12, 900, 2, 4)]
    public void CausalAttention_Rotary_TurnsQueriesAndKeysOnTheWayIn(
        int tokens, int heads, int dim, int past, int group, int rotaryDims) =>
        Check(tokens, heads, dim, past, alibi: false, group, rotaryDims);

    protected string Check(
        int tokens, int heads, int dim, int past, bool alibi, int group = 1, int rotaryDims = 0, DType input = DType.F32,
        DType output = DType.F32, DType? cache = null)
    {
        var stored = cache ?? input;
        int[] pasts = [past, past / 2, 0];
        var (batch, width, context) = (pasts.Length, heads * dim, past + tokens + 2);
        var keyWidth = width / group;
        var op = new CausalAttention(heads, dim, (float)(1 / Math.Sqrt(dim)), alibi, heads / group, rotaryDims)
        {
            OutputType = output,
        };
        var q = HostTensor.Uniform(1, [batch, tokens, width], 3, dtype: input);
        var k = HostTensor.Uniform(2, [batch, tokens, keyWidth], 2, dtype: input);
        var v = HostTensor.Uniform(3, [batch, tokens, keyWidth], dtype: input);
        var cacheK = HostTensor.Uniform(4, [batch, context, keyWidth], 2, dtype: stored);
        var cacheV = HostTensor.Uniform(5, [batch, context, keyWidth], dtype: stored);
        var slopes = HostTensor.Uniform(6, [heads], 0.2, 0.3);
        var (placedK, placedV) = (Place(cacheK), Place(cacheV));
        var inputs = new List<BoundTensor>
        {
            Place(q, 2 * width), Place(k, 2 * width), Place(v, 2 * width), placedK, placedV,
            Place(HostTensor.Integers([batch], pasts)),
        };
        if (alibi) inputs.Add(Place(slopes));
        var actual = Run(op, [.. inputs], out var variant);

        CheckCache(placedK, cacheK, k, pasts, dim, rotaryDims);
        CheckCache(placedV, cacheV, v, pasts, dim, 0);
        var expected = new Expectation(q.Shape);
        for (var row = 0; row < batch * tokens; row++)
        {
            for (var head = 0; head < heads; head++)
            {
                var entry = row / tokens;
                var position = pasts[entry] + row % tokens;
                Func<int, double>? bias = alibi ? key => slopes.Values[head] * (key - position) : null;
                var (query, errors) = RotaryReference.Turn(q.Row(row).Slice(head * dim, dim), rotaryDims, position);
                if (rotaryDims > 0) AddRounding(query, errors, AttentionReference.WeightType(variant, input));
                AttentionReference.Attend(
                    expected, ((long)row * heads + head) * dim, query,
                    AttentionReference.Head(cacheK, (long)entry * context, position + 1, head / group, dim),
                    AttentionReference.Head(cacheV, (long)entry * context, position + 1, head / group, dim), op.Scale, bias,
                    AttentionReference.WeightType(variant, input), errors);
            }
        }

        expected.StoredAs(output).Check(actual, $"{variant} {tokens} tokens behind {past}, {heads}x{dim}");
        return variant;
    }

    /// <summary>Kernels that hand turned queries to 16-bit tensor cores round them once more.</summary>
    private static void AddRounding(double[] values, double[] errors, DType type)
    {
        if (type == DType.F32) return;
        for (var i = 0; i < values.Length; i++)
            errors[i] += Expectation.Roundoff(type) * (Math.Abs(values[i]) + errors[i]) + Math.ScaleB(1, -25);
    }

    /// <summary>
    /// Checks that the new rows, turned, and nothing else came into the cache, and takes them over as they are there,
    /// so that what follows is checked against the keys that were really attended to.
    /// </summary>
    private void CheckCache(BoundTensor placed, HostTensor cache, HostTensor added, int[] pasts, int dim, int rotaryDims)
    {
        var (tokens, context, width) = ((int)added.Shape[1], (int)cache.Shape[1], (int)cache.Shape[2]);
        var expected = new Expectation(cache.Shape);
        for (var i = 0; i < cache.Values.Length; i++) expected.Set(i, cache.Values[i], 0);
        for (var row = 0; row < pasts.Length * tokens; row++)
        {
            var position = pasts[row / tokens] + row % tokens;
            var target = ((long)(row / tokens) * context + position) * width;
            for (var column = 0; column < width; column += dim)
            {
                var (values, bounds) = RotaryReference.Turn(added.Row(row).Slice(column, dim), rotaryDims, position);
                for (var i = 0; i < dim; i++)
                {
                    var isRounded = i < rotaryDims || cache.DType != added.DType;
                    var stored = isRounded ? Expectation.Roundoff(cache.DType) * (Math.Abs(values[i]) + bounds[i]) : 0;
                    var tiny = isRounded && cache.DType == DType.F16 ? Math.ScaleB(1, -25) : 0;
                    expected.Set(target + column + i, values[i], bounds[i] + stored + tiny);
                }
            }
        }

        var actual = Read(placed);
        expected.Check(actual, "cache");
        for (var i = 0; i < actual.Length; i++) cache.Values[i] = actual[i];
    }

    [Fact]
    public void CausalAttention_TokenByToken_IsTheSameCacheAsAtOnce() => CheckTokenByToken(DType.F32);

    protected void CheckTokenByToken(DType cache)
    {
        const int Tokens = 9;
        var op = new CausalAttention(2, 8, 0.3f, Alibi: false);
        var (q, k, v) = (HostTensor.Uniform(1, [1, Tokens, 16]), HostTensor.Uniform(2, [1, Tokens, 16]), HostTensor.Uniform(3, [1, Tokens, 16]));
        var empty = HostTensor.Uniform(4, [1, Tokens, 16], 0, dtype: cache);
        var (wholeK, wholeV) = (Place(empty), Place(empty));
        var atOnce = Run(op, Place(q), Place(k), Place(v), wholeK, wholeV, Place(HostTensor.Integers([1], 0)));
        var (cacheK, cacheV) = (Place(empty), Place(empty));
        for (var token = 0; token < Tokens; token++)
        {
            BoundTensor Token(HostTensor tensor) => Place(HostTensor.Of([1, 1, 16], tensor.Row(token).ToArray()));
            var one = Run(op, Token(q), Token(k), Token(v), cacheK, cacheV, Place(HostTensor.Integers([1], token)));
            for (var i = 0; i < 16; i++) Assert.Equal(atOnce[token * 16 + i], one[i], 1e-6);
        }

        Assert.Equal(Read(wholeK), Read(cacheK));
        Assert.Equal(Read(wholeV), Read(cacheV));
    }

    [Theory]
    [InlineData(4, -1)]
    [InlineData(4, 5)]
    [InlineData(4, int.MaxValue)]
    [InlineData(1, -1)]
    [InlineData(1, 8)]
    public void CausalAttention_PastBeyondTheCache_IsRefused(int tokens, int past)
    {
        var x = HostTensor.Uniform(1, [1, tokens, 8]);
        var cache = HostTensor.Uniform(2, [1, 8, 8]);
        var (cacheK, cacheV) = (Place(cache), Place(cache));
        RequireRefused(
            new CausalAttention(1, 8, 1f, Alibi: false),
            Place(x), Place(x), Place(x), cacheK, cacheV, Place(HostTensor.Integers([1], past)));
        Assert.Equal(Array.ConvertAll(cache.Values, value => (float)value), Read(cacheK));
        Assert.Equal(Array.ConvertAll(cache.Values, value => (float)value), Read(cacheV));
    }
}
