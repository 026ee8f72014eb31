using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>Checks operands against a contract, so that kernels may use their addresses without a question.</summary>
internal static class Operands
{
    /// <summary>Throws unless shapes and types are those of the op, integers and the output have no gaps.</summary>
    public static void Check(string device, Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var types = new TensorType[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            types[i] = inputs[i].Type;
            if (inputs[i].DType != DType.I32 && !inputs[i].DType.IsWeightFloat())
                throw new NotSupportedException($"{device}: {op.Name} takes no {inputs[i].DType.ShortName()} as input {i}.");
            if (inputs[i].DType == DType.I32 && !inputs[i].IsContiguous)
                throw new NotSupportedException($"{device}: {op.Name} takes integers (input {i}) only without gaps between rows.");
        }

        var inferred = op.Infer(types);
        if (output.Shape != inferred.Shape || output.DType != inferred.DType)
            throw new ShapeMismatchException($"{op.Name}: output", inferred.Shape.ToString(), output.Shape);
        if (!output.IsContiguous)
            throw new NotSupportedException($"{device}: {op.Name} writes only contiguous outputs.");
    }
}
