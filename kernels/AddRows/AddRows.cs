namespace FlamingoGpu.Kernels;

/// <summary>
/// Adds the rows of a small table to runs of rows: <c>y[r] = x[r] + table[(r / Repeat) mod P]</c>. With Repeat = patches
/// per frame and a table of frame embeddings this is the temporal embedding of the resampler. Inputs: x [.., E],
/// table [P, E], f32.
/// </summary>
/// <param name="Repeat">Neighbouring rows that share a table row, at least 1.</param>
public sealed record AddRows(int Repeat) : Op
{
    /// <inheritdoc/>
    public override string Name => "add_rows";

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 2);
        Require(inputs[1].Shape.Rank == 2 && inputs[1].Shape[1] == inputs[0].Shape[^1], "table", $"[rows, {inputs[0].Shape[^1]}]", inputs[1]);
        return Result(inputs[0].Shape);
    }
}
