using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Table lookup: <c>y[.., E] = table[ids[..]]</c>, widened to f32. Inputs: ids [..] i32 (each within the table; the
/// caller checks), table [Y, E] in f32, f16 or bf16.
/// </summary>
public sealed record Embedding : Op
{
    /// <inheritdoc/>
    public override string Name => "embedding";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 2);
        RequireDType(inputs[0], DType.I32, "ids");
        Require(inputs[1].Shape.Rank == 2, "table", "[vocabulary, hidden]", inputs[1]);
        return Result(Shape.Create([.. inputs[0].Shape.Extents, inputs[1].Shape[1]]));
    }

    /// <inheritdoc/>
    public override OpCost Cost(ReadOnlySpan<TensorType> inputs, TensorType output) =>
        new(0, inputs[0].ByteLength + output.ByteLength + inputs[1].DType.ByteSize(output.Shape.ElementCount));
}
