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

    /// <summary>Throws unless the tensor has this dtype.</summary>
    protected void RequireDType(TensorType actual, DType expected, string argument)
    {
        if (actual.DType != expected)
            throw new ArgumentException(
                $"{Name}: {argument} must be {expected.ShortName()}, got {actual.DType.ShortName()}.");
    }
}
