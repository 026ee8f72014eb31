using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Positions of the largest elements of each row, by falling value, equal values by rising position; a row that holds a
/// NaN or +∞ gives only −1. Input: x [.., Y] f32, Y at least <paramref name="Count"/>. Output: [rows, Count] i32; the
/// values are at <see cref="PickElements"/> with it.
/// </summary>
/// <param name="Count">How many, 1 to <see cref="MaxCount"/>.</param>
public sealed record TopK(int Count) : Op
{
    /// <summary>The most positions an op can give.</summary>
    public const int MaxCount = 128;

    /// <inheritdoc/>
    public override string Name => "top_k";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 1);
        RequireDType(inputs[0], DType.F32, "x");
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Count, MaxCount);
        Require(inputs[0].Shape.Rank > 0 && inputs[0].Shape[^1] >= Count, "x", $"[.., vocabulary >= {Count}]",
            inputs[0]);
        return TensorType.I32([inputs[0].Shape.RowCount, Count]);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 0;
}
