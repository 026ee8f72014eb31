namespace FlamingoGpu.Kernels;

/// <summary>
/// Layer normalisation over the last axis: <c>y = (x − mean) / √(var + ε) · weight + bias</c>, biased variance in two
/// passes (E[x²]−E[x]² loses digits when the mean is large). Inputs: x [.., E] f32, f16 or bf16 (may be a column slice),
/// weight [E] f32, and bias [E] f32 when <paramref name="Bias"/>.
/// </summary>
/// <param name="Epsilon">Added to the variance; 1e-5 in every released model.</param>
/// <param name="Bias">True when there is a bias (MPT has none).</param>
public sealed record LayerNorm(float Epsilon, bool Bias) : Op
{
    /// <inheritdoc/>
    public override string Name => "layer_norm";

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, Bias ? 3 : 2);
        var x = inputs[0];
        RequireActivation(x, "x");
        Require(inputs[1].Shape.ElementCount == x.Shape[^1], "weight", $"[{x.Shape[^1]}]", inputs[1]);
        if (Bias) Require(inputs[2].Shape.ElementCount == x.Shape[^1], "bias", $"[{x.Shape[^1]}]", inputs[2]);
        return Result(x.Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 8 * output.Shape.ElementCount;
}
