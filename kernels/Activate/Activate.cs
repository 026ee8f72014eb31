namespace FlamingoGpu.Kernels;

/// <summary>An activation on its own: <c>y = f(x)</c>, x [..] f32, f16 or bf16. Matrix products fuse theirs.</summary>
/// <param name="Function">The function.</param>
public sealed record Activate(Activation Function) : Op
{
    /// <inheritdoc/>
    public override string Name => "activate";

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 1);
        RequireActivation(inputs[0], "x");
        return Result(inputs[0].Shape);
    }
}
