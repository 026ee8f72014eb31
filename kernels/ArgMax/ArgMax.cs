using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The position of the largest element of each row; equal elements go to the smaller position. A row that holds a NaN
/// or +∞, or nothing but −∞, gives −1: its logits are wrong or everything is banned, and nothing can be chosen. Input:
/// x [.., Y] f32 (Y at least 1). Output: [rows] i32.
/// </summary>
public sealed record ArgMax : Op
{
    /// <inheritdoc/>
    public override string Name => "arg_max";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 1);
        RequireDType(inputs[0], DType.F32, "x");
        Require(inputs[0].Shape.Rank > 0 && inputs[0].Shape[^1] > 0, "x", "[.., vocabulary >= 1]", inputs[0]);
        return TensorType.I32([inputs[0].Shape.RowCount]);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 0;
}
