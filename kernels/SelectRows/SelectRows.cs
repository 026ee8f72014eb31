using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Gathers rows: <c>y[i] = x[rows[i]]</c>, x seen as [rows, E]. The language-model head runs only on the rows whose
/// logits are wanted. Inputs: x [.., E] f32, rows [M] i32 (each within x; the caller checks). Output [M, E].
/// </summary>
public sealed record SelectRows : Op
{
    /// <inheritdoc/>
    public override string Name => "select_rows";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 2);
        RequireDType(inputs[0], DType.F32, "x");
        RequireDType(inputs[1], DType.I32, "rows");
        return Result([inputs[1].Shape.ElementCount, inputs[0].Shape[^1]]);
    }

    /// <inheritdoc/>
    public override OpCost Cost(ReadOnlySpan<TensorType> inputs, TensorType output) => new(0, 2 * output.ByteLength);
}
