using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Linear layer: <c>y[M,N] = epilogue(x[M,K] · w[N,K]ᵀ)</c>, accumulated in f32. Inputs in order: x [.., K] f32, f16
/// or bf16, w [N, K] in f32, f16 or bf16 (row-major as checkpoints store it), then as the epilogue asks bias [N] f32,
/// gate [1] f32, factor [.., N] f32, f16 or bf16, residual [.., N] f32. x, factor and residual may be column slices.
/// w must be a constant: kernels of a GPU read it before the kernel in front of them, which may compute x, is done. The
/// virtual GPU reports one that is not (<c>EarlyAccess</c>).
/// </summary>
/// <param name="Epilogue">What is fused behind the product.</param>
public sealed record MatMul(Epilogue Epilogue) : Op
{
    /// <inheritdoc/>
    public override string Name => "matmul";

    /// <summary>Number of inputs this epilogue takes.</summary>
    public int InputCount => Following(Epilogue.Bias, Epilogue.Gate, Epilogue.Multiply, Epilogue.Residual);

    /// <summary>Position of the bias among the inputs, or -1.</summary>
    public int BiasInput => Epilogue.Bias ? 2 : -1;

    /// <summary>Position of the gate among the inputs, or -1.</summary>
    public int GateInput => Epilogue.Gate ? Following(Epilogue.Bias) : -1;

    /// <summary>Position of the factor among the inputs, or -1.</summary>
    public int FactorInput => Epilogue.Multiply ? Following(Epilogue.Bias, Epilogue.Gate) : -1;

    /// <summary>Position of the residual among the inputs (always the last), or -1.</summary>
    public int ResidualInput => Epilogue.Residual ? InputCount - 1 : -1;

    /// <inheritdoc/>
    public override int InPlaceInput => ResidualInput;

    /// <inheritdoc/>
    public override bool MayNarrow => !Epilogue.Residual;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, InputCount);
        var (x, w) = (inputs[0], inputs[1]);
        RequireActivation(x, "x");
        if (!w.DType.IsWeightFloat())
            throw new ArgumentException($"{Name}: w must be f32, f16 or bf16, got {w.DType.ShortName()}.");
        Require(x.Shape.Rank >= 1, "x", "[.., K]", x);
        Require(w.Shape.Rank == 2 && w.Shape[1] == x.Shape[^1], "w", $"[N, {x.Shape[^1]}]", w);
        var y = Result(x.Shape.WithLast(w.Shape[0]));
        if (Epilogue.Bias)
        {
            RequireDType(inputs[BiasInput], DType.F32, "bias");
            Require(inputs[BiasInput].Shape.ElementCount == w.Shape[0], "bias", $"[{w.Shape[0]}]", inputs[BiasInput]);
        }

        if (Epilogue.Gate)
        {
            RequireDType(inputs[GateInput], DType.F32, "gate");
            Require(inputs[GateInput].Shape.ElementCount == 1, "gate", "[1]", inputs[GateInput]);
        }

        if (Epilogue.Multiply)
        {
            RequireActivation(inputs[FactorInput], "factor");
            Require(inputs[FactorInput].Shape == y.Shape, "factor", y.Shape.ToString(), inputs[FactorInput]);
        }

        if (Epilogue.Residual)
        {
            RequireDType(inputs[ResidualInput], DType.F32, "residual");
            Require(inputs[ResidualInput].Shape == y.Shape, "residual", y.Shape.ToString(), inputs[ResidualInput]);
        }

        return y;
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) =>
        2 * output.Shape.ElementCount * inputs[1].Shape[1];

    /// <summary>Position of the input after x, w and those of the given parts that are there.</summary>
    private static int Following(bool first, bool second = false, bool third = false, bool fourth = false) =>
        2 + (first ? 1 : 0) + (second ? 1 : 0) + (third ? 1 : 0) + (fourth ? 1 : 0);
}
