using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Scores of all continuations of beams: <c>y[r, id] = log_softmax(x[r])[id] + sums[r]</c>, −∞ for banned ids, which
/// still count in the softmax. With the beams of a prompt seen as one row, <see cref="TopK"/> of 2·beams gives the
/// candidates of a step (beam · Y + id) and <see cref="PickElements"/> their scores. A row with a NaN or +∞ becomes
/// NaN. Inputs: x [rows, Y] f32, sums [rows] f32, banned [W] i32 (a set as in <see cref="ProcessLogits"/>). Output: as
/// x.
/// </summary>
public sealed record BeamScores : Op
{
    /// <inheritdoc/>
    public override string Name => "beam_scores";

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 3);
        var x = inputs[0];
        RequireDType(x, DType.F32, "x");
        RequireDType(inputs[1], DType.F32, "sums");
        RequireDType(inputs[2], DType.I32, "banned");
        Require(x.Shape.Rank > 0 && x.Shape[^1] > 0, "x", "[.., vocabulary >= 1]", x);
        Require(inputs[1].Shape.ElementCount == x.Shape.RowCount, "sums", $"[{x.Shape.RowCount}]", inputs[1]);
        var words = ProcessLogits.WordsFor(x.Shape[^1]);
        Require(inputs[2].Shape.ElementCount == words, "banned", $"[{words}]", inputs[2]);
        return Result(x.Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 5 * output.Shape.ElementCount;
}
