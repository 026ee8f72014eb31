using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Draws a position from the softmax of each row, cut as generation does it. The row is divided by the temperature and
/// ordered by falling score, equal scores by rising position. Of that order remain: the first <paramref name="TopK"/>;
/// of those the shortest beginning whose probabilities reach <paramref name="TopP"/>; of those the ones with a score of
/// at least that of the first plus ln <paramref name="MinP"/>. The result is the first position at which the running
/// sum of the remaining weights, exp(score − first score), exceeds draw · (their sum). A row that holds a NaN or +∞, or
/// nothing but −∞, gives −1. Inputs: x [.., Y] f32 (Y at least 1), draws [rows] f32 in [0, 1). Output: [rows] i32.
/// </summary>
/// <remarks>
/// Weights and sums of a device may be off by a relative ε (f32 sums: a few 2⁻²⁴ times the roundings of a sum), so two
/// devices agree unless draw or TopP lies within 2ε of a boundary between two positions.
/// </remarks>
/// <param name="Temperature">Above 0; greedy choice is <see cref="ArgMax"/>.</param>
/// <param name="TopK">Keep this many, 0 for all.</param>
/// <param name="TopP">Keep this much probability, 1 for all.</param>
/// <param name="MinP">Keep what is at least this likely relative to the best, 0 for all.</param>
public sealed record SampleToken(float Temperature, int TopK = 0, float TopP = 1f, float MinP = 0f) : Op
{
    /// <inheritdoc/>
    public override string Name => "sample_token";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Temperature);
        ArgumentOutOfRangeException.ThrowIfNegative(TopK);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MinP, 1f);
        var x = inputs[0];
        RequireDType(x, DType.F32, "x");
        RequireDType(inputs[1], DType.F32, "draws");
        Require(x.Shape.Rank > 0 && x.Shape[^1] > 0, "x", "[.., vocabulary >= 1]", x);
        Require(inputs[1].Shape.ElementCount == x.Shape.RowCount, "draws", $"[{x.Shape.RowCount}]", inputs[1]);
        return TensorType.I32([x.Shape.RowCount]);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) =>
        4 * inputs[0].Shape.ElementCount;
}
