namespace FlamingoGpu.Kernels;

/// <summary>
/// Keeps tokens Start … Start+Count−1 of every batch entry: [B, S, E] becomes [B, Count, E]. Dropping the class token
/// before the resampler is (1, V).
/// </summary>
/// <param name="Start">First token kept.</param>
/// <param name="Count">Tokens kept.</param>
public sealed record SliceTokens(long Start, long Count) : Op
{
    /// <inheritdoc/>
    public override string Name => "slice_tokens";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 1);
        var x = inputs[0];
        Require(x.Shape.Rank == 3 && Start >= 0 && Count >= 0 && Start + Count <= x.Shape[1], "x", $"[batch, tokens >= {Start + Count}, hidden]", x);
        return Result([x.Shape[0], Count, x.Shape[2]]);
    }

    /// <inheritdoc/>
    public override OpCost Cost(ReadOnlySpan<TensorType> inputs, TensorType output) => new(0, 2 * output.ByteLength);
}
