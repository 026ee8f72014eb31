using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Causal self-attention with a key-value cache. Row b has <c>past[b]</c> tokens in the cache; the new keys and values
/// are first stored at cache positions past[b] … past[b]+S−1, then query s attends to cache positions 0 … past[b]+s.
/// With ALiBi, head h adds <c>slope[h]·(key position − query position)</c> to the scaled score.
/// Inputs: q, k, v [B, S, H·D] (may be column slices), cache k and v [B, C, H·D] (written), all f32, f16 or bf16, past [B] i32, and
/// slopes [H] f32 when <paramref name="Alibi"/>. Output [B, S, H·D]. Rows of a batch are independent and left-aligned:
/// a row shorter than S simply carries unread tokens behind its end. A past that
/// does not fit the cache is refused: a device that sees it before it runs throws; a GPU stores nothing and gives NaN.
/// </summary>
/// <param name="Heads">H.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Scale">Score factor.</param>
/// <param name="Alibi">True when slopes are given.</param>
public sealed record CausalAttention(int Heads, int HeadDim, float Scale, bool Alibi) : Op
{
    /// <inheritdoc/>
    public override string Name => "causal_attention";

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, Alibi ? 7 : 6);
        var q = inputs[0];
        long width = Heads * HeadDim;
        Require(q.Shape.Rank == 3 && q.Shape[2] == width, "q", $"[batch, tokens, {width}]", q);
        Require(inputs[1].Shape == q.Shape, "k", q.Shape.ToString(), inputs[1]);
        Require(inputs[2].Shape == q.Shape, "v", q.Shape.ToString(), inputs[2]);
        var cache = inputs[3];
        Require(cache.Shape.Rank == 3 && cache.Shape[0] == q.Shape[0] && cache.Shape[2] == width && cache.Shape[1] >= q.Shape[1], "cache k", $"[{q.Shape[0]}, context >= {q.Shape[1]}, {width}]", cache);
        Require(inputs[4].Shape == cache.Shape, "cache v", cache.Shape.ToString(), inputs[4]);
        RequireActivation(q, "q");
        RequireSameDType(inputs[1], q, "k");
        RequireSameDType(inputs[2], q, "v");
        RequireSameDType(cache, q, "cache k");
        RequireSameDType(inputs[4], q, "cache v");
        RequireDType(inputs[5], DType.I32, "past");
        Require(inputs[5].Shape.ElementCount == q.Shape[0], "past", $"[{q.Shape[0]}]", inputs[5]);
        if (Alibi) Require(inputs[6].Shape.ElementCount == Heads, "slopes", $"[{Heads}]", inputs[6]);
        return Result(q.Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) =>
        4 * output.Shape.ElementCount * inputs[3].Shape[1];
}
