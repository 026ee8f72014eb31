using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// A normalisation and the product behind it as one op: <c>y = product(norm(x), …)</c>. Inputs in order: those of the
/// normalisation, then those of the product without its x. Models never write it: an executor joins two nodes where the
/// device says that one kernel does both (<see cref="IKernelLibrary.Fuses"/>), which spares a launch per product of a
/// decode step. Numbers are those of the two ops: the normalised rows are rounded to the type the normalisation states. The
/// normalisation's weight and bias must be constants, as the product's w.
/// </summary>
/// <param name="Norm">A <see cref="LayerNorm"/> of one group, or an <see cref="RmsNorm"/>.</param>
/// <param name="Product">The product; its output type is that of the op.</param>
public sealed record NormedMatMul(Op Norm, MatMul Product) : Op
{
    /// <inheritdoc/>
    public override string Name => $"{Norm.Name}_{Product.Name}";

    /// <summary>Number of inputs the normalisation takes.</summary>
    public int NormInputs => Norm is LayerNorm layer ? layer.InputCount : 2;

    /// <summary>The pair, its result stored as the product states.</summary>
    public static NormedMatMul Of(Op norm, MatMul product) => new(norm, product) { OutputType = product.OutputType };

    /// <summary>Type of the normalised rows between the two.</summary>
    /// <exception cref="ShapeMismatchException">An input of the normalisation does not fit.</exception>
    public TensorType Between(ReadOnlySpan<TensorType> inputs) => Norm.Infer(inputs[..NormInputs]);

    /// <summary>The inputs of the product alone, behind what the normalisation gives.</summary>
    public T[] ProductInputs<T>(T between, ReadOnlySpan<T> inputs) => [between, .. inputs[NormInputs..]];

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, NormInputs + Product.InputCount - 1);
        return Result(Product.Infer(ProductInputs(Between(inputs), inputs)).Shape);
    }

    /// <inheritdoc/>
    public override OpCost Cost(ReadOnlySpan<TensorType> inputs, TensorType output)
    {
        var between = Between(inputs);
        var both = Norm.Cost(inputs[..NormInputs], between) + Product.Cost(ProductInputs(between, inputs), output);
        return both with { Bytes = both.Bytes - 2 * between.ByteLength }; // neither written nor read
    }
}
