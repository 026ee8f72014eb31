using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class MediaCrossAttentionConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    private const int Media = 3;

    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(2, 23, 5, 2, 12)]
    [InlineData(1, 140, 64, 2, 64)]
    [InlineData(2, 1, 64, 2, 64)]
    [InlineData(1, 37, 7, 1, 80)]
    [InlineData(0, 3, 7, 1, 8)]
    public void MediaCrossAttention_EveryKindOfSpan_SeesItsMediaOnly(int batch, int tokens, int latents, int heads, int dim) =>
        Check(batch, tokens, latents, heads, dim);

    protected string Check(
        int batch, int tokens, int latents, int heads, int dim, int gap = 2, DType input = DType.F32, DType output = DType.F32)
    {
        // Runs of changing length over: nothing, one medium, two media, all, the average of two, of all.
        (int First, int Count)[] kinds = [(0, 0), (0, 1), (2, 1), (1, 2), (0, 3), (1, -2), (0, -3)];
        var spans = new int[2 * batch * tokens];
        for (int token = 0, kind = 0, left = 1; token < batch * tokens; token++, left--)
        {
            if (left == 0) (kind, left) = (kind + 1, 1 + 5 * (kind % 3));
            (spans[2 * token], spans[2 * token + 1]) = kinds[kind % kinds.Length];
        }

        return Check(batch, tokens, latents, heads, dim, spans, gap, input, output);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, -3)]
    [InlineData(int.MaxValue, int.MinValue)]
    public void MediaCrossAttention_MediaThatAreNotThere_AreRefused(int first, int count)
    {
        var k = Place(HostTensor.Uniform(2, [Media, 2, 8]));
        var spans = Place(HostTensor.Integers([1, 1, 2], first, count));
        RequireRefused(new MediaCrossAttention(1, 8, 1f), Place(HostTensor.Uniform(1, [1, 1, 8])), k, k, spans);
    }

    private string Check(
        int batch, int tokens, int latents, int heads, int dim, int[] spans, int gap, DType input, DType output)
    {
        var op = new MediaCrossAttention(heads, dim, (float)(1 / Math.Sqrt(dim))) { OutputType = output };
        var width = heads * dim;
        var q = HostTensor.Uniform(1, [batch, tokens, width], 3, dtype: input);
        var k = HostTensor.Uniform(2, [Media, latents, width], 2, dtype: input);
        var v = HostTensor.Uniform(3, [Media, latents, width], dtype: input);
        var actual = Run(
            op, [Place(q, gap), Place(k, width), Place(v, width), Place(HostTensor.Integers([batch, tokens, 2], spans))], out var variant);
        var expected = new Expectation(q.Shape);
        for (var token = 0; token < batch * tokens; token++)
        {
            var (first, count) = (spans[2 * token], spans[2 * token + 1]);
            for (var head = 0; head < heads; head++)
            {
                // Equal scores make the softmax the plain average; no keys leave the expectation at exactly zero.
                var keys = AttentionReference.Head(k, (long)first * latents, Math.Abs(count) * latents, head, dim);
                var values = AttentionReference.Head(v, (long)first * latents, Math.Abs(count) * latents, head, dim);
                AttentionReference.Attend(
                    expected, ((long)token * heads + head) * dim, q.Row(token).Slice(head * dim, dim), keys, values, count < 0 ? 0 : op.Scale,
                    weightType: AttentionReference.WeightType(variant, input));
            }
        }

        expected.StoredAs(output).Check(actual, $"{variant} media cross attention {batch}x{tokens} of {latents} {heads}x{dim}");
        return variant;
    }
}
