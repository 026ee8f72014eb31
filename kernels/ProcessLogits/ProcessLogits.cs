using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Prepares logits for the choice of a token: what is not finite becomes NaN (so that the choice reports the row), a
/// banned id −∞, and a seen one x / penalty where x is above 0, else x · penalty. Inputs: x [.., Y] f32; banned [W] i32
/// and seen [rows, W] i32 are sets of ids, bit id mod 32 of word id / 32, W = ⌈Y / 32⌉. Output: as x.
/// </summary>
/// <param name="RepetitionPenalty">Above 0; 1 changes nothing.</param>
public sealed record ProcessLogits(float RepetitionPenalty) : Op
{
    /// <inheritdoc/>
    public override string Name => "process_logits";

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <summary>Words of a set of ids.</summary>
    public static long WordsFor(long vocabulary) => (vocabulary + 31) / 32;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 3);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RepetitionPenalty);
        var x = inputs[0];
        RequireDType(x, DType.F32, "x");
        RequireDType(inputs[1], DType.I32, "banned");
        RequireDType(inputs[2], DType.I32, "seen");
        var words = WordsFor(x.Shape[^1]);
        Require(inputs[1].Shape.ElementCount == words, "banned", $"[{words}]", inputs[1]);
        Require(inputs[2].Shape.ElementCount == words * x.Shape.RowCount, "seen", $"[{x.Shape.RowCount}, {words}]",
            inputs[2]);
        return Result(x.Shape);
    }
}
