using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>An activation on its own: <c>y = f(x)</c>, x [..] f32. Matrix products fuse theirs.</summary>
/// <param name="Function">The function.</param>
public sealed record Activate(Activation Function) : Op
{
    /// <inheritdoc/>
    public override string Name => "activate";

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 1);
        RequireDType(inputs[0], DType.F32, "x");
        return inputs[0];
    }
}
