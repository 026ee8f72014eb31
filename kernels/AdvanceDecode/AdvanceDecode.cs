using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Carries a decode loop from one step to the next without the host: for every row b, <c>ids[b] = max(chosen[b], 0)</c>,
/// <c>past[b] += 1</c>, <c>history[b, step] = chosen[b]</c> while the history has room, bit chosen[b] of seen[b] is set
/// when it is an id, and at the end <c>step += 1</c>. A failed choice (−1) so stays visible in the history, while the next
/// step reads an id that exists. Inputs, all i32: chosen [B]; and changed in place: ids [B, 1], past [B], history [B, N],
/// step [1], seen [B, W] (sets as in <see cref="ProcessLogits"/>). Output: [B] i32, what was written to ids.
/// </summary>
/// <remarks>
/// Meant as the last op of a decode graph whose inputs <c>ids</c> and <c>past</c> it writes: one recorded step can then be
/// replayed without uploads, and the host reads the history whenever it likes.
/// </remarks>
public sealed record AdvanceDecode : Op
{
    /// <inheritdoc/>
    public override string Name => "advance_decode";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 6);
        ReadOnlySpan<string> names = ["chosen", "ids", "past", "history", "step", "seen"];
        for (var i = 0; i < names.Length; i++) RequireDType(inputs[i], DType.I32, names[i]);
        var rows = inputs[0].Shape.ElementCount;
        Require(inputs[1].Shape.ElementCount == rows, "ids", $"[{rows}, 1]", inputs[1]);
        Require(inputs[2].Shape.ElementCount == rows, "past", $"[{rows}]", inputs[2]);
        Require(inputs[3].Shape.Rank == 2 && inputs[3].Shape[0] == rows, "history", $"[{rows}, steps]", inputs[3]);
        Require(inputs[4].Shape.ElementCount == 1, "step", "[1]", inputs[4]);
        Require(inputs[5].Shape.Rank == 2 && inputs[5].Shape[0] == rows, "seen", $"[{rows}, words]", inputs[5]);
        return TensorType.I32([rows]);
    }

    /// <inheritdoc/>
    public override OpCost Cost(ReadOnlySpan<TensorType> inputs, TensorType output) => new(0, 10 * output.ByteLength + 8);
}
