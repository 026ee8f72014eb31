using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Log-probabilities over the last axis: <c>y = x − max − log Σ exp(x − max)</c>. Input: x [.., Y] f32.
/// </summary>
public sealed record LogSoftmax : Op
{
    /// <inheritdoc/>
    public override string Name => "log_softmax";

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 1);
        RequireDType(inputs[0], DType.F32, "x");
        return Result(inputs[0].Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 4 * output.Shape.ElementCount;
}
