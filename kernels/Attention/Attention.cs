namespace FlamingoGpu.Kernels;

/// <summary>
/// Unmasked multi-head attention: <c>softmax(q·kᵀ·scale)·v</c> per batch and head. Inputs: q [B, Sq, H·D],
/// k [B, Sk, H·D], v [B, Sk, H·D], all f32, f16 or bf16, each may be a column slice. Output [B, Sq, H·D].
/// </summary>
/// <param name="Heads">H.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Scale">Score factor, usually D^-0.5.</param>
public sealed record Attention(int Heads, int HeadDim, float Scale) : Op
{
    /// <inheritdoc/>
    public override string Name => "attention";

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 3);
        var (q, k, v) = (inputs[0], inputs[1], inputs[2]);
        long width = Heads * HeadDim;
        Require(q.Shape.Rank == 3 && q.Shape[2] == width, "q", $"[batch, queries, {width}]", q);
        Require(k.Shape.Rank == 3 && k.Shape[0] == q.Shape[0] && k.Shape[2] == width, "k", $"[{q.Shape[0]}, keys, {width}]", k);
        Require(v.Shape == k.Shape, "v", k.Shape.ToString(), v);
        RequireActivation(q, "q");
        RequireSameDType(k, q, "k");
        RequireSameDType(v, q, "v");
        return Result(q.Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) =>
        4 * output.Shape.ElementCount * inputs[1].Shape[1];
}
