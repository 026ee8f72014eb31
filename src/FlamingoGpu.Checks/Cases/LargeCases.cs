using FlamingoGpu.Kernels;
using static FlamingoGpu.Core.DType;

namespace FlamingoGpu.Checks.Cases;

/// <summary>
/// Shapes of real models, for the tiles that small shapes never choose: their kernels are built, written and assembled,
/// but not run, since a software GPU would take minutes for each.
/// </summary>
internal static class LargeCases
{
    public static IReadOnlyList<OpCase> All { get; } =
    [
        // [M, N, K]; the tile that 8 multiprocessors choose without warpgroups.
        MatMulCases.Case(BF16, BF16, BF16, 1024, 4096, 1024, new Epilogue(Bias: true, Activation.QuickGelu)), // 128×128
        MatMulCases.Case(BF16, BF16, F32, 1024, 1024, 4096, new Epilogue(Bias: true, Gate: true, Residual: true)),
        MatMulCases.Case(F16, F16, F16, 1024, 4096, 1024, new Epilogue(Activation: Activation.Silu, Multiply: true)),
        MatMulCases.Case(BF16, BF16, F32, 2048, 1024, 588), // 128×128, rows of 1176 bytes
        MatMulCases.Case(BF16, BF16, F32, 128, 512, 1024, new Epilogue(Residual: true)), // 128×64
        MatMulCases.Case(BF16, BF16, F32, 256, 768, 588),
        MatMulCases.Case(BF16, BF16, BF16, 64, 4096, 1024, new Epilogue(Bias: true, Activation.GeluErf)), // 64×128
        MatMulCases.Case(BF16, BF16, F32, 257, 768, 588),
        MatMulCases.Case(BF16, BF16, BF16, 32, 8192, 512, new Epilogue(Activation: Activation.Silu, Multiply: true)), // 32×128
        MatMulCases.Case(BF16, BF16, BF16, 128, 1536, 1024), // by warpgroups: 128×192, then 64×192, 192×128, 128×128
        MatMulCases.Case(BF16, BF16, BF16, 64, 1536, 1024),
        MatMulCases.Case(BF16, BF16, BF16, 192, 1024, 1024, new Epilogue(Bias: true)),
        MatMulCases.Case(BF16, BF16, BF16, 256, 512, 1024),

        // Few rows of long ones: the most loads ahead.
        MatMulCases.Case(BF16, BF16, BF16, 1, 2048, 8192, new Epilogue(Bias: true, Activation.GeluErf)),
        MatMulCases.Case(BF16, BF16, BF16, 8, 2048, 2048, new Epilogue(Bias: true, Activation.GeluErf)),
        MatMulCases.Case(BF16, BF16, F32, 16, 2048, 8192, new Epilogue(Gate: true, Residual: true)),

        // Many queries: 32 rows a warp; two warpgroups a block.
        AttentionCases.Full(BF16, 2, 256, 256, 16, 64),
        AttentionCases.Full(F16, 2, 256, 256, 16, 80),
        AttentionCases.Full(BF16, 2, 256, 256, 16, 96),
        AttentionCases.Causal(BF16, 256, 32, 80, 0, alibi: false),
        AttentionCases.Causal(BF16, 256, 16, 96, 0, alibi: true),
    ];
}
