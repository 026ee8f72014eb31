using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The attention inside a gated cross-attention block: each text token reads only the latents of its own media
/// (Flamingo 2022, §3.1.3). Media not meant for a token are skipped, not masked. Inputs: q [B, S, H·D], k and v
/// [N, R, H·D] of all N media of the batch (all f32, f16 or bf16, each may be a column slice), spans [B, S, 2] i32. A
/// span (first, count) says: count &gt; 0, attend to the latents of media first … first+count−1; count = 0, the output
/// is exactly zero; count &lt; 0, the plain average of v over media first … first−count−1 (what the all-previous mode
/// of the reference gives before the first image). Output [B, S, H·D]. A span of media that
/// are not there is refused: a device that sees it before it runs throws; a GPU gives NaN for its token.
/// </summary>
/// <param name="Heads">H.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Scale">Score factor.</param>
public sealed record MediaCrossAttention(int Heads, int HeadDim, float Scale) : Op
{
    /// <inheritdoc/>
    public override string Name => "media_cross_attention";

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 4);
        var (q, k, v, spans) = (inputs[0], inputs[1], inputs[2], inputs[3]);
        long width = Heads * HeadDim;
        Require(q.Shape.Rank == 3 && q.Shape[2] == width, "q", $"[batch, tokens, {width}]", q);
        Require(k.Shape.Rank == 3 && k.Shape[2] == width, "k", $"[media, latents, {width}]", k);
        Require(v.Shape == k.Shape, "v", k.Shape.ToString(), v);
        RequireActivation(q, "q");
        RequireSameDType(k, q, "k");
        RequireSameDType(v, q, "v");
        RequireDType(spans, DType.I32, "spans");
        Require(spans.Shape.ElementCount == 2 * q.Shape[0] * q.Shape[1], "spans", $"[{q.Shape[0]}, {q.Shape[1]}, 2]", spans);
        return Result(q.Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) =>
        4 * output.Shape.ElementCount * inputs[1].Shape[1];
}
