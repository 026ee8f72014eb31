namespace FlamingoGpu.Kernels;

/// <summary>
/// Puts the class token before the patches of each image and adds the positional embedding. Inputs: patches [N, V, E],
/// class embedding [E], positional embedding [1+V, E], f32. Output [N, 1+V, E].
/// </summary>
public sealed record AssembleTokens : Op
{
    /// <inheritdoc/>
    public override string Name => "assemble_tokens";

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 3);
        var x = inputs[0];
        Require(x.Shape.Rank == 3, "patches", "[images, patches, hidden]", x);
        Require(inputs[1].Shape.ElementCount == x.Shape[2], "class embedding", $"[{x.Shape[2]}]", inputs[1]);
        Require(inputs[2].Shape == [x.Shape[1] + 1, x.Shape[2]], "positional embedding", $"[{x.Shape[1] + 1}, {x.Shape[2]}]", inputs[2]);
        return TensorType.F32([x.Shape[0], x.Shape[1] + 1, x.Shape[2]]);
    }
}
