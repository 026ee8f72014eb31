using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class LatentAttentionConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(2, 7, 13, 3, 5)]
    [InlineData(1, 64, 256, 2, 64)]
    [InlineData(1, 64, 257, 1, 96)]
    [InlineData(1, 3, 127, 2, 80)]
    [InlineData(1, 37, 32, 2, 16)]
    [InlineData(2, 5, 0, 2, 16)]
    [InlineData(0, 5, 9, 2, 16)]
    public void LatentAttention_AnyShape_SeesMediaThenLatents(int batch, int latents, int features, int heads, int dim) =>
        Check(batch, latents, features, heads, dim);

    protected string Check(
        int batch, int latents, int features, int heads, int dim, int gap = 1, DType input = DType.F32, DType output = DType.F32)
    {
        var op = new LatentAttention(heads, dim, (float)(1 / Math.Sqrt(dim))) { OutputType = output };
        var width = heads * dim;
        var q = HostTensor.Uniform(1, [batch, latents, width], 3, dtype: input);
        var mediaK = HostTensor.Uniform(2, [batch, features, width], 2, dtype: input);
        var mediaV = HostTensor.Uniform(3, [batch, features, width], dtype: input);
        var latentK = HostTensor.Uniform(4, [batch, latents, width], 2, dtype: input);
        var latentV = HostTensor.Uniform(5, [batch, latents, width], dtype: input);
        var actual = Run(
            op, [Place(q), Place(mediaK, 3 * gap), Place(mediaV, 3 * gap), Place(latentK, width), Place(latentV, gap)], out var variant);
        var expected = new Expectation(q.Shape);
        for (var row = 0; row < batch * latents; row++)
        {
            for (var head = 0; head < heads; head++)
            {
                var entry = row / latents;
                var keys = AttentionReference.Head(mediaK, (long)entry * features, features, head, dim);
                keys.AddRange(AttentionReference.Head(latentK, (long)entry * latents, latents, head, dim));
                var values = AttentionReference.Head(mediaV, (long)entry * features, features, head, dim);
                values.AddRange(AttentionReference.Head(latentV, (long)entry * latents, latents, head, dim));
                AttentionReference.Attend(
                    expected, ((long)row * heads + head) * dim, q.Row(row).Slice(head * dim, dim), keys, values, op.Scale,
                    weightType: AttentionReference.WeightType(variant, input));
            }
        }

        expected.StoredAs(output).Check(actual, $"{variant} latent attention {batch}x{latents}+{features} {heads}x{dim}");
        return variant;
    }
}
