// The step behind a sum of products: y = residual + tanh(gate) · activation(sum + bias) · factor, in f32, rounded once
// when stored. Every matrix kernel finishes with it, so the choice of kernel never changes what is fused.
// bias [N], gate [1], residual [M, N] f32; factor [M, N] and y [M, N] of any float type; factor and residual rows any
// pitch apart, y dense. y may be the residual's memory: an element is read and written by the same thread.

using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>What a matrix kernel does to its sums, with the choices that change its text.</summary>
/// <param name="Parts">What is fused.</param>
/// <param name="Factor">Type of the factor; f32 when there is none.</param>
/// <param name="Out">Type of y.</param>
/// <param name="Width">
/// Neighbouring columns that are read and written together: 4 where all operands allow it, else 1.
/// </param>
internal sealed record GpuEpilogue(Epilogue Parts, DType Factor, DType Out, int Width)
{
    /// <summary>Columns of a vector access.</summary>
    public const int Vector = 4;

    /// <summary>Stores the sums as they are, in f32: parts of a product that another launch adds up.</summary>
    /// <param name="columns">N.</param>
    public static GpuEpilogue Plain(long columns) =>
        new(default, DType.F32, DType.F32, columns % Vector == 0 ? Vector : 1);

    /// <summary>The epilogue of an op for the operands it is given.</summary>
    public static GpuEpilogue For(MatMul op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        // x, w and the gate are not read in the shape of y; all others are.
        var isAligned = RowAlignment.Allows(Vector, output);
        for (var i = 2; i < inputs.Length; i++)
            if (i != op.GateInput) isAligned &= RowAlignment.Allows(Vector, inputs[i]);
        var factor = op.FactorInput >= 0 ? inputs[op.FactorInput].DType : DType.F32;
        return new GpuEpilogue(op.Epilogue, factor, output.DType, isAligned ? Vector : 1);
    }

    /// <summary>The part of a kernel's name that tells this epilogue.</summary>
    public string Name => $"_to_{Out.ShortName()}{(Width > 1 ? "v" : "")}"
        + (Parts.Bias ? "_bias" : "")
        + (Parts.Activation == Activation.None ? "" : "_" + Parts.Activation.ToString().ToLowerInvariant())
        + (Parts.Multiply ? "_times_" + Factor.ShortName() : "")
        + (Parts.Gate ? "_gate" : "")
        + (Parts.Residual ? "_residual" : "");

    /// <summary>The arguments for the parameters that <see cref="GpuEpilogueCode"/> declares.</summary>
    public static KernelArgument[] Arguments(MatMul op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        List<KernelArgument> arguments = [];
        if (op.BiasInput >= 0) arguments.Add(inputs[op.BiasInput]);
        if (op.GateInput >= 0) arguments.Add(inputs[op.GateInput]);
        if (op.FactorInput >= 0) arguments.AddRange([inputs[op.FactorInput], inputs[op.FactorInput].RowPitch]);
        if (op.ResidualInput >= 0) arguments.AddRange([inputs[op.ResidualInput], inputs[op.ResidualInput].RowPitch]);
        arguments.Add(output);
        return [.. arguments];
    }

    /// <summary>Bytes it moves at least for [m, n] results, the results included.</summary>
    public long Bytes(long m, long n) =>
        Out.ByteSize(m * n)
        + (Parts.Bias ? 4 * n : 0)
        + (Parts.Gate ? 4 : 0)
        + (Parts.Multiply ? Factor.ByteSize(m * n) : 0)
        + (Parts.Residual ? 4 * m * n : 0);
}
