namespace FlamingoGpu.Kernels;

/// <summary>
/// The Perceiver resampler's attention: each latent attends to all media features and to all latents, read as two
/// sources instead of one concatenated tensor (Flamingo 2022, §3.1.1). Inputs: q [B, R, H·D], media k and v
/// [B, X, H·D], latent k and v [B, R, H·D], all f32, f16 or bf16, each may be a column slice. The key order is [media ; latents].
/// Output [B, R, H·D].
/// </summary>
/// <param name="Heads">H.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Scale">Score factor, usually D^-0.5.</param>
public sealed record LatentAttention(int Heads, int HeadDim, float Scale) : Op
{
    /// <inheritdoc/>
    public override string Name => "latent_attention";

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 5);
        var (q, mediaK, mediaV, latentK, latentV) = (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]);
        long width = Heads * HeadDim;
        Require(q.Shape.Rank == 3 && q.Shape[2] == width, "q", $"[batch, latents, {width}]", q);
        Require(mediaK.Shape.Rank == 3 && mediaK.Shape[0] == q.Shape[0] && mediaK.Shape[2] == width, "media k", $"[{q.Shape[0]}, features, {width}]", mediaK);
        Require(mediaV.Shape == mediaK.Shape, "media v", mediaK.Shape.ToString(), mediaV);
        Require(latentK.Shape.Rank == 3 && latentK.Shape[0] == q.Shape[0] && latentK.Shape[2] == width, "latent k", $"[{q.Shape[0]}, latents, {width}]", latentK);
        Require(latentV.Shape == latentK.Shape, "latent v", latentK.Shape.ToString(), latentV);
        RequireActivation(q, "q");
        RequireSameDType(mediaK, q, "media k");
        RequireSameDType(mediaV, q, "media v");
        RequireSameDType(latentK, q, "latent k");
        RequireSameDType(latentV, q, "latent v");
        return Result(q.Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) =>
        4 * output.Shape.ElementCount * (inputs[1].Shape[1] + inputs[3].Shape[1]);
}
