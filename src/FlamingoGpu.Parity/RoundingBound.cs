using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Parity;

/// <summary>
/// Derives how far two f32 computations of the same stage may differ. An inner product of length K rounds K times with
/// errors of either sign, so its relative error grows like √K·u (probabilistic rounding analysis, Higham and Mary 2019),
/// u = 2⁻²⁴; an elementwise step adds u. Steps are summed along the longest path of the graph that leads to the stage,
/// and doubled because the reference rounds as well. Weights converted to a shorter type add their own unit of rounding
/// at every product on the path.
/// </summary>
internal static class RoundingBound
{
    /// <summary>Unit of rounding of f32.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>No f32 stage of a golden model may need more than this fraction of its largest value.</summary>
    public const double Ceiling = 1e-5;

    /// <summary>Steps of rounding that one node adds, in units of <see cref="Unit"/>.</summary>
    public static double Steps(GraphNode node, DType? convertedTo)
    {
        var inputs = node.Inputs;
        return node.Op switch
        {
            MatMul product => Math.Sqrt(inputs[1].Shape[1]) + (product.Epilogue == default ? 1 : 4) + ConversionSteps(convertedTo),
            LayerNorm op => Math.Sqrt(inputs[0].Shape[^1] / (double)op.Groups) + 4,
            RmsNorm => Math.Sqrt(inputs[0].Shape[^1]) + 4,
            Attention op => AttentionSteps(op.HeadDim, inputs[1].Shape[1]),
            LatentAttention op => AttentionSteps(op.HeadDim, inputs[1].Shape[1] + inputs[3].Shape[1]),
            CausalAttention op => AttentionSteps(op.HeadDim, inputs[3].Shape[1]),
            MediaCrossAttention op => AttentionSteps(op.HeadDim, inputs[1].Shape[0] * inputs[1].Shape[1]),
            Activate or Rotary => 4,
            AddRows or AssembleTokens => 1,
            LogSoftmax => Math.Sqrt(inputs[0].Shape[^1]) + 4,
            Embedding => ConversionSteps(convertedTo),
            _ => 0, // copies
        };
    }

    /// <summary>Relative bound of a stage, and the formula with its numbers.</summary>
    /// <param name="steps">Sum of steps along the longest path.</param>
    /// <param name="convertedTo">Type the weights were converted to, or null.</param>
    /// <param name="ceiling">Largest relative bound allowed, or infinity.</param>
    public static (double Relative, string Derivation) Of(double steps, DType? convertedTo, double ceiling)
    {
        var relative = 2 * Unit * steps;
        if (convertedTo is null or DType.F32 && relative > ceiling) relative = ceiling;
        var formula = FormattableString.Invariant($"2u·{steps:0.#}·max|e|");
        return (relative, relative == ceiling ? FormattableString.Invariant($"min({formula}, {ceiling:0.0e+0}·max|e|)") : formula);
    }

    private static double AttentionSteps(int headDim, long keys) => Math.Sqrt(headDim) + Math.Sqrt(keys) + 4;

    private static double ConversionSteps(DType? convertedTo) => convertedTo switch
    {
        DType.BF16 => (1.0 / (1 << 8)) / Unit / 2,
        DType.F16 => (1.0 / (1 << 11)) / Unit / 2,
        _ => 0,
    };
}
