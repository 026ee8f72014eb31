using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The contract of one operation: its formula, the shapes and types it takes and gives, and its cost. Devices implement
/// contracts (<see cref="IKernelLibrary"/>); graphs are made of them. Immutable.
/// </summary>
public abstract record Op
{
    /// <summary>Short lower-case name as printed in profiles and plans, such as <c>matmul</c>.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Element type of the output: f32, or f16 or bf16 where activations are kept narrow (always summed in f32, rounded
    /// once when stored).
    /// </summary>
    public DType OutputType { get; init; } = DType.F32;

    /// <summary>
    /// True when a graph with narrow activations may store this result in 16 bits. The residual stream and what the
    /// host reads stay f32.
    /// </summary>
    public virtual bool MayNarrow => false;

    /// <summary>Checks the inputs and gives the type of the only output.</summary>
    /// <exception cref="ShapeMismatchException">An input does not fit; names the op and the argument.</exception>
    public abstract TensorType Infer(ReadOnlySpan<TensorType> inputs);

    /// <summary>Least work for these inputs; by default only the bytes of all inputs and the output.</summary>
    public virtual OpCost Cost(ReadOnlySpan<TensorType> inputs, TensorType output)
    {
        var bytes = output.ByteLength;
        foreach (var input in inputs) bytes += input.ByteLength;
        return new OpCost(Flops(inputs, output), bytes);
    }

    /// <summary>
    /// Position of an input whose memory the output may take over when nobody reads that input later
    /// (element i of the output depends on element i of that input only), or -1.
    /// </summary>
    public virtual int InPlaceInput => -1;

    /// <summary>Floating-point operations for these inputs.</summary>
    protected virtual long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => output.Shape.ElementCount;

    /// <summary>Throws unless the extent is the expected one.</summary>
    protected void Require(bool condition, string argument, string expected, TensorType actual)
    {
        if (!condition) throw new ShapeMismatchException($"{Name}: {argument}", expected, actual.Shape);
    }

    /// <summary>Throws unless there are exactly <paramref name="count"/> inputs.</summary>
    protected void RequireCount(ReadOnlySpan<TensorType> inputs, int count)
    {
        if (inputs.Length != count)
            throw new ArgumentException($"{Name}: takes {count} inputs, got {inputs.Length}.", nameof(inputs));
    }

    /// <summary>Type of an output of this shape.</summary>
    protected TensorType Result(Shape shape) => new(OutputType, shape);

    /// <summary>Throws unless the tensor is an activation: f32, f16 or bf16.</summary>
    protected void RequireActivation(TensorType actual, string argument)
    {
        if (!actual.DType.IsWeightFloat())
            throw new ArgumentException(
                $"{Name}: {argument} must be f32, f16 or bf16, got {actual.DType.ShortName()}.");
    }

    /// <summary>Throws unless the tensor is an activation of the same element type as another.</summary>
    protected void RequireSameDType(TensorType actual, TensorType other, string argument)
    {
        if (actual.DType != other.DType)
            throw new ArgumentException(
                $"{Name}: {argument} must be {other.DType.ShortName()} like the first input, got {actual.DType.ShortName()}.");
    }

    /// <summary>Throws unless the tensor has this dtype.</summary>
    protected void RequireDType(TensorType actual, DType expected, string argument)
    {
        if (actual.DType != expected)
            throw new ArgumentException(
                $"{Name}: {argument} must be {expected.ShortName()}, got {actual.DType.ShortName()}.");
    }
}
