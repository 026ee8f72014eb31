using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using static FlamingoGpu.Core.DType;

namespace FlamingoGpu.Checks.Cases;

/// <summary>Linear layers: one to eight rows, a few, many; every type, every epilogue, ragged and split.</summary>
internal static class MatMulCases
{
    public static IReadOnlyList<OpCase> All { get; } =
    [
        // 16-bit operands and enough rows: tensor cores. [M, N, K]
        Case(BF16, BF16, BF16, 128, 128, 256) with { NeedsTensorCores = true, IsAligned = true },
        Case(F16, F16, F16, 128, 192, 256) with { NeedsTensorCores = true, IsAligned = true },
        Case(BF16, BF16, BF16, 257, 192, 128, new Epilogue(Bias: true)) with { NeedsTensorCores = true },
        Case(BF16, BF16, BF16, 257, 256, 64, new Epilogue(Bias: true, Activation.QuickGelu))
            with { NeedsTensorCores = true },
        Case(BF16, BF16, F32, 130, 136, 72, new Epilogue(Bias: true, Gate: true, Residual: true))
            with { NeedsTensorCores = true },
        Case(F16, F16, F16, 65, 127, 88, new Epilogue(Activation: Activation.GeluErf)) with { NeedsTensorCores = true },
        Case(BF16, BF16, F32, 64, 128, 1024, new Epilogue(Residual: true))
            with { NeedsTensorCores = true, IsAligned = true },
        Case(BF16, BF16, BF16, 16, 256, 256) with { NeedsTensorCores = true },
        Case(F16, F16, F16, 33, 128, 256, new Epilogue(Bias: true, Activation.GeluTanh))
            with { NeedsTensorCores = true },
        Case(BF16, BF16, BF16, 12, 131, 128, new Epilogue(Activation: Activation.Silu))
            with { NeedsTensorCores = true },
        Case(BF16, BF16, BF16, 70, 128, 64, new Epilogue(Activation: Activation.Silu, Multiply: true))
            with { NeedsTensorCores = true },
        Case(BF16, BF16, BF16, 96, 64, 128, gap: 64) with { NeedsTensorCores = true },
        Case(BF16, BF16, F32, 40, 128, 588) with { NeedsTensorCores = true }, // patches: rows of 1176 bytes
        Case(BF16, BF16, BF16, 20, 40, 37, new Epilogue(Bias: true)),

        // f32 somewhere: multiply-adds.
        Case(F32, F32, F32, 65, 67, 33),
        Case(F32, F32, F32, 128, 128, 64, new Epilogue(Bias: true, Residual: true)) with { IsAligned = true },
        Case(F32, F32, F32, 257, 64, 96, new Epilogue(Bias: true, Activation.GeluErf)),
        Case(F32, F32, F32, 40, 443, 127, new Epilogue(Bias: true, Activation.QuickGelu, Gate: true, Residual: true),
            gap: 5),
        Case(F32, F32, F32, 33, 64, 1024, new Epilogue(Activation: Activation.SquaredRelu)),
        Case(F32, BF16, F32, 70, 96, 128, new Epilogue(Bias: true, Activation.GeluTanh)),
        Case(F32, F16, BF16, 66, 65, 64, new Epilogue(Activation: Activation.Relu)),
        Case(F32, F32, F32, 35, 66, 32,
            new Epilogue(Bias: true, Activation.Silu, Gate: true, Residual: true, Multiply: true)),
        Case(BF16, F32, F32, 37, 48, 80, new Epilogue(Gate: true, Residual: true)),

        // One to eight rows: the weights stream past once.
        Case(BF16, BF16, F32, 1, 1024, 1024) with { IsAligned = true, IsMemoryBound = true },
        Case(F16, F16, F32, 1, 512, 2048) with { IsAligned = true, IsMemoryBound = true },
        Case(F32, BF16, F32, 1, 1024, 1024, new Epilogue(Residual: true))
            with { IsAligned = true, IsMemoryBound = true },
        Case(F32, F32, F32, 1, 512, 1024, new Epilogue(Bias: true)) with { IsAligned = true, IsMemoryBound = true },
        Case(BF16, BF16, BF16, 2, 256, 512, new Epilogue(Bias: true, Activation.GeluErf)),
        Case(F32, F16, F32, 3, 127, 443, new Epilogue(Gate: true, Residual: true)),
        Case(BF16, BF16, F32, 4, 256, 264),
        Case(F32, F32, F32, 5, 64, 65, new Epilogue(Activation: Activation.Silu)),
        Case(F32, BF16, F32, 6, 130, 128),
        Case(BF16, BF16, BF16, 1, 256, 128, new Epilogue(Activation: Activation.Silu, Multiply: true)),
        Case(BF16, BF16, F32, 7, 96, 256, new Epilogue(Residual: true), gap: 8),
        Case(BF16, BF16, F32, 8, 512, 512) with { IsAligned = true },
        Case(F32, F32, F32, 8, 33, 7),
        Case(F32, F32, F32, 1, 1, 1),

        // The same behind a normalisation of their own.
        Normed(new LayerNorm(1e-5f, Bias: false), BF16, Case(F32, BF16, BF16, 1, 512, 2048)) with { IsAligned = true },
        Normed(new LayerNorm(1e-5f, Bias: true), F32, Case(F32, BF16, F32, 8, 64, 1024, new Epilogue(Residual: true))),
        Normed(new LayerNorm(1e-5f, Bias: true), F32, Case(F32, F32, F32, 4, 35, 443, gap: 3)),
        Normed(new RmsNorm(1e-6f), F16, Case(F32, F16, F16, 3, 127, 260, new Epilogue(Activation: Activation.Silu))),
        Normed(new RmsNorm(1e-6f), F32, Case(F32, BF16, F32, 2, 64, 512, new Epilogue(Bias: true, Gate: true))),
    ];

    private static OpCase Normed(Op norm, DType between, OpCase product)
    {
        var x = product.Inputs[0] with { Range = 2, Center = 3 };
        var hasBias = norm is LayerNorm { Bias: true };
        var parameters = Enumerable.Repeat(CaseInput.Of(F32, [x.Type.Shape[^1]]), hasBias ? 2 : 1);
        var op = NormedMatMul.Of(norm with { OutputType = between }, (MatMul)product.Op);
        return new OpCase(
            $"{norm.Name}{(hasBias ? " bias" : "")} in {between.ShortName()}, {product.Name}", op,
            [x, .. parameters, .. product.Inputs.Skip(1)]);
    }

    /// <summary>A product of rows × columns, with the inputs its epilogue takes.</summary>
    public static OpCase Case(
        DType x, DType w, DType y, int rows, int columns, int inner, Epilogue? epilogue = null, int gap = 0)
    {
        var fused = epilogue ?? default;
        var op = new MatMul(fused) { OutputType = y };
        var inputs = new List<CaseInput>
        {
            CaseInput.Of(x, [rows, inner], gap: gap), CaseInput.Of(w, [columns, inner]),
        };
        if (fused.Bias) inputs.Add(CaseInput.Of(F32, [columns]));
        if (fused.Gate) inputs.Add(CaseInput.Of(F32, [1]));
        if (fused.Multiply) inputs.Add(CaseInput.Of(x, [rows, columns], gap: gap));
        if (fused.Residual) inputs.Add(CaseInput.Of(F32, [rows, columns], gap: gap));
        var types = $"{x.ShortName()} {w.ShortName()} {y.ShortName()}";
        var words = new List<string> { $"matmul {types} {rows}x{columns}x{inner}" };
        if (fused.Bias) words.Add("bias");
        if (fused.Activation != Activation.None) words.Add($"{fused.Activation}");
        if (fused.Gate) words.Add("gate");
        if (fused.Multiply) words.Add("multiply");
        if (fused.Residual) words.Add("residual");
        if (gap > 0) words.Add("slice");
        return new OpCase(string.Join(' ', words), op, inputs);
    }
}
