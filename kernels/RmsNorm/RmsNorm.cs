namespace FlamingoGpu.Kernels;

/// <summary>
/// Root-mean-square normalisation over the last axis: <c>y = x / √(mean(x²) + ε) · weight</c>. Inputs: x [.., E] f32, f16
/// or bf16 (may be a column slice), weight [E] f32.
/// </summary>
/// <param name="Epsilon">Added to the mean square.</param>
public sealed record RmsNorm(float Epsilon) : Op
{
    /// <inheritdoc/>
    public override string Name => "rms_norm";

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 2);
        RequireActivation(inputs[0], "x");
        Require(inputs[1].Shape.ElementCount == inputs[0].Shape[^1], "weight", $"[{inputs[0].Shape[^1]}]", inputs[1]);
        return Result(inputs[0].Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 5 * output.Shape.ElementCount;
}
