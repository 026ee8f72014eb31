using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Rotary position embedding in the half-split form of GPT-NeoX and LLaMA: within the first
/// <paramref name="RotaryDims"/> of each head, element i pairs with i + RotaryDims/2 and turns by
/// position · base^(−2i/RotaryDims). Inputs: x [B, S, H·D] f32, f16 or bf16 (may be a column slice), positions [B, S] i32.
/// </summary>
/// <param name="Heads">H.</param>
/// <param name="HeadDim">D.</param>
/// <param name="RotaryDims">Rotated part of each head, even, at most D.</param>
/// <param name="Base">Frequency base, 10000 in every released model.</param>
public sealed record Rotary(int Heads, int HeadDim, int RotaryDims, float Base) : Op
{
    /// <inheritdoc/>
    public override string Name => "rotary";

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 2);
        var x = inputs[0];
        RequireActivation(x, "x");
        Require(x.Shape.Rank == 3 && x.Shape[2] == Heads * HeadDim, "x", $"[batch, tokens, {Heads * HeadDim}]", x);
        RequireDType(inputs[1], DType.I32, "positions");
        Require(inputs[1].Shape.ElementCount == x.Shape[0] * x.Shape[1], "positions", $"[{x.Shape[0]}, {x.Shape[1]}]", inputs[1]);
        return Result(x.Shape);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 3 * output.Shape.ElementCount;
}
