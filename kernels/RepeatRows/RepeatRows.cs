using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Copies a table once per batch entry: [R, E] becomes [Count, R, E]. The learned latents enter the resampler this way.
/// </summary>
/// <param name="Count">How many copies.</param>
public sealed record RepeatRows(long Count) : Op
{
    /// <inheritdoc/>
    public override string Name => "repeat_rows";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 1);
        RequireDType(inputs[0], DType.F32, "table");
        Require(inputs[0].Shape.Rank == 2, "table", "[rows, hidden]", inputs[0]);
        return Result([Count, inputs[0].Shape[0], inputs[0].Shape[1]]);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 0;
}
