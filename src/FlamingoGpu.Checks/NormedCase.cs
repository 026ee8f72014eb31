using FlamingoGpu.Kernels;

namespace FlamingoGpu.Checks;

/// <summary>The two cases that a case of <see cref="NormedMatMul"/> joins.</summary>
/// <param name="Norm">The normalisation.</param>
/// <param name="Product">The product of what it gives.</param>
internal sealed record NormedCase(OpCase Norm, OpCase Product)
{
    /// <summary>Takes a case apart.</summary>
    public static NormedCase Of(OpCase @case)
    {
        var op = (NormedMatMul)@case.Op;
        CaseInput[] inputs = [.. @case.Inputs];
        var norm = new OpCase("", op.Norm, inputs[..op.NormInputs]);
        return new NormedCase(
            norm, new OpCase("", op.Product, op.ProductInputs(new CaseInput(norm.OutputType), inputs)));
    }

    /// <summary>The operands of the product, behind the normalised rows.</summary>
    public double[][] ProductValues(double[] normed, IReadOnlyList<double[]> values) =>
        [normed, .. values.Skip(Norm.Inputs.Count)];
}
