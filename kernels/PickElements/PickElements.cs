using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Elements of each row by position: <c>y[m, k] = x[m, positions[m, k]]</c>, NaN where there is no such position.
/// Inputs: x [.., Y] f32, positions [rows, K] i32, as <see cref="TopK"/> gives them. Output: [rows, K] f32.
/// </summary>
public sealed record PickElements : Op
{
    /// <inheritdoc/>
    public override string Name => "pick_elements";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 2);
        var (x, positions) = (inputs[0], inputs[1]);
        RequireDType(x, DType.F32, "x");
        RequireDType(positions, DType.I32, "positions");
        Require(positions.Shape.Rank == 2 && positions.Shape[0] == x.Shape.RowCount, "positions",
            $"[{x.Shape.RowCount}, K]", positions);
        return Result(positions.Shape);
    }

    /// <inheritdoc/>
    public override OpCost Cost(ReadOnlySpan<TensorType> inputs, TensorType output) => new(0, 3 * output.ByteLength);
}
