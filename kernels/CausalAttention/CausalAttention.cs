using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Causal self-attention with a key-value cache. Row b has <c>past[b]</c> tokens in the cache; the new keys and values
/// are first stored at cache positions past[b] … past[b]+S−1, then query s attends to cache positions 0 … past[b]+s.
/// With ALiBi, head h adds <c>slope[h]·(key position − query position)</c> to the scaled score.
/// With rotary dims, queries and new keys first turn by their positions, as <see cref="Rotary"/> turns them; the cache
/// holds turned keys. Query head h attends with key head h·G/H, G = <paramref name="KeyHeads"/>.
/// Inputs: q [B, S, H·D], k and v [B, S, G·D] (may be column slices), cache k and v [B, C, G·D] (written), all f32, f16
/// or bf16, past [B] i32, and slopes [H] f32 when <paramref name="Alibi"/>. The cache has the type of q, or, beneath f32,
/// a 16-bit type, to which new keys and values are rounded before anything attends to them. Output [B, S, H·D]. Rows of
/// a batch are independent and left-aligned: a row shorter than S simply carries unread tokens behind its end. A past that
/// does not fit the cache is refused: a device that sees it before it runs throws; a GPU stores nothing and gives NaN.
/// </summary>
/// <param name="Heads">H.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Scale">Score factor.</param>
/// <param name="Alibi">True when slopes are given.</param>
/// <param name="KeyHeads">G, heads of keys and values, a divisor of H; 0 for H.</param>
/// <param name="RotaryDims">Rotated part of each head, even, at most D; 0 for none.</param>
/// <param name="RotaryBase">Frequency base of the rotation.</param>
public sealed record CausalAttention(
    int Heads, int HeadDim, float Scale, bool Alibi, int KeyHeads = 0, int RotaryDims = 0, float RotaryBase = 10000f)
    : Op
{
    /// <inheritdoc/>
    public override string Name => "causal_attention";

    /// <summary>Heads of keys and values.</summary>
    internal int KeyHeadCount => KeyHeads == 0 ? Heads : KeyHeads;

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, Alibi ? 7 : 6);
        var q = inputs[0];
        long width = Heads * HeadDim;
        if (KeyHeads < 0 || Heads % KeyHeadCount != 0)
            throw new ArgumentException($"{Name}: {Heads} heads cannot share {KeyHeads} heads of keys.");
        if (RotaryDims < 0 || RotaryDims % 2 != 0 || RotaryDims > HeadDim)
            throw new ArgumentException($"{Name}: {RotaryDims} rotary dims do not fit heads of {HeadDim}.");
        Require(q.Shape.Rank == 3 && q.Shape[2] == width, "q", $"[batch, tokens, {width}]", q);
        Shape keyShape = [q.Shape[0], q.Shape[1], (long)KeyHeadCount * HeadDim];
        Require(inputs[1].Shape == keyShape, "k", keyShape.ToString(), inputs[1]);
        Require(inputs[2].Shape == keyShape, "v", keyShape.ToString(), inputs[2]);
        var cache = inputs[3];
        Require(
            cache.Shape.Rank == 3 && cache.Shape[0] == q.Shape[0] && cache.Shape[2] == keyShape[2]
            && cache.Shape[1] >= q.Shape[1],
            "cache k", $"[{q.Shape[0]}, context >= {q.Shape[1]}, {keyShape[2]}]", cache);
        Require(inputs[4].Shape == cache.Shape, "cache v", cache.Shape.ToString(), inputs[4]);
        RequireActivation(q, "q");
        RequireSameDType(inputs[1], q, "k");
        RequireSameDType(inputs[2], q, "v");
        RequireActivation(cache, "cache k");
        if (q.DType != DType.F32) RequireSameDType(cache, q, "cache k");
        RequireDType(inputs[4], cache.DType, "cache v");
        RequireDType(inputs[5], DType.I32, "past");
        Require(inputs[5].Shape.ElementCount == q.Shape[0], "past", $"[{q.Shape[0]}]", inputs[5]);
        if (Alibi) Require(inputs[6].Shape.ElementCount == Heads, "slopes", $"[{Heads}]", inputs[6]);
        return Result(q.Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) =>
        4 * output.Shape.ElementCount * inputs[3].Shape[1];
}
