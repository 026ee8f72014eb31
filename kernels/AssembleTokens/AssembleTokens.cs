namespace FlamingoGpu.Kernels;

/// <summary>
/// Puts the class token before the patches of each image and adds the positional embedding. Inputs: patches [N, V, E]
/// (f32, f16 or bf16), class embedding [E], positional embedding [1+V, E], f32. Output [N, 1+V, E].
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
        RequireActivation(x, "patches");
        Require(x.Shape.Rank == 3, "patches", "[images, patches, hidden]", x);
        Require(inputs[1].Shape.ElementCount == x.Shape[2], "class embedding", $"[{x.Shape[2]}]", inputs[1]);
        Require(inputs[2].Shape == [x.Shape[1] + 1, x.Shape[2]], "positional embedding", $"[{x.Shape[1] + 1}, {x.Shape[2]}]", inputs[2]);
        return Result([x.Shape[0], x.Shape[1] + 1, x.Shape[2]]);
    }
}
