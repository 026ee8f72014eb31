namespace FlamingoGpu.Kernels;

/// <summary>
/// Layer normalisation over the last axis: <c>y = (x − mean) / √(var + ε) · weight + bias</c>, biased variance in two
/// passes (E[x²]−E[x]² loses digits when the mean is large). Inputs: x [.., E] f32, f16 or bf16 (may be a column slice),
/// weight [E] f32, and bias [E] f32 when <paramref name="Bias"/>. With <see cref="Groups"/> the last axis is so many
/// equal parts, each normalised by itself: x [.., Groups·E], then the weight [E] of each group, then the bias of each.
/// </summary>
/// <param name="Epsilon">Added to the variance; 1e-5 in every released model.</param>
/// <param name="Bias">True when there is a bias (MPT has none).</param>
public sealed record LayerNorm(float Epsilon, bool Bias) : Op
{
    /// <inheritdoc/>
    public override string Name => "layer_norm";

    /// <summary>Parts of a row that are normalised by themselves: 2 for the q and k of a fused projection.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Number of inputs.</summary>
    public int InputCount => 1 + (Bias ? 2 : 1) * Groups;

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, InputCount);
        var x = inputs[0];
        RequireActivation(x, "x");
        Require(x.Shape[^1] % Groups == 0, "x", $"[.., a multiple of {Groups}]", x);
        var width = x.Shape[^1] / Groups;
        for (var i = 1; i < inputs.Length; i++)
            Require(inputs[i].Shape.ElementCount == width, i <= Groups ? "weight" : "bias", $"[{width}]", inputs[i]);
        return Result(x.Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 8 * output.Shape.ElementCount;
}
