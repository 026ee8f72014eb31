// Matrix product of compute capability 9.0: y = epilogue(x · wᵀ), x and w of the same 16-bit type, sums in f32.
// x [M, K] and w [N, K] row-major, rows any multiple of 8 elements apart; y and epilogue: GpuEpilogue.
// Grid and the order of w's rows as GemmTensorCore. A block turns a ring of asynchronous copies of its x and w rows; its
// warpgroups multiply 64 rows each by all columns (`wgmma`), reading both factors where they stand in shared memory. The
// products of a step run while the copies of later steps are started: tensor cores wait for one barrier a step only.
// Shared: stages · (M + N) · K · 2 bytes. Registers: N / 2 sums. 2·M·N·K FLOPs.
// M, N any; K a multiple of 8, 16-byte aligned rows. With parts, part z of K goes to y + z·M·N (CombineParts).

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Matrix product on the tensor cores by warpgroups.</summary>
/// <param name="Type">Type of x and w: bf16 or f16.</param>
/// <param name="Tile">Tile of a block.</param>
/// <param name="IsWhole">True when K is a multiple of the tile's: no copy is checked against the end of a row.</param>
/// <param name="Parts">True when K is cut into parts.</param>
/// <param name="Epilogue">What is fused.</param>
internal sealed record GemmWarpgroup(
    DType Type, WarpgroupTile Tile, bool IsWhole, bool Parts, GpuEpilogue Epilogue) : IKernelVariant
{
    private const int StepColumns = 16; // inner steps of one matrix instruction

    /// <inheritdoc/>
    public string Name =>
        $"gemm_warpgroup_{Tile}_{Type.ShortName()}{(IsWhole ? "" : "_ragged")}{(Parts ? "_parts" : "")}{Epilogue.Name}";

    /// <inheritdoc/>
    public PtxKernel Build() => Type == DType.BF16 ? Build<BF16>() : Build<F16>();

    private PtxKernel Build<T>()
        where T : struct, IMatrixElement<T> => PtxKernel.Define(
            Name, new BlockShape(Tile.Threads), ProductBlock<T>.Facts(Epilogue, Parts, Tile.Blocks), Stage<T>);

    private void Stage<T>(KernelBuilder k)
        where T : struct, IMatrixElement<T>
    {
        var block = new ProductBlock<T>(k, Epilogue, Tile.M, Tile.N, Parts);
        var ring = new Ring(Tile.Stages);
        var xs = ring.Tile<T>(Tile.M, Tile.K);
        var ws = ring.Tile<T>(Tile.N, Tile.K);
        var (copyX, copyW) = (block.CopyX(xs), block.CopyW(ws));
        var left = xs.Factor(WarpgroupId * 64);
        var right = ws.Factor(0);
        var sums = new Accumulator(16, Tile.N);

        S32? end = IsWhole ? null : block.Last;
        ring.RunAsync((block.Last - block.First + (Tile.K - 1)) / Tile.K,
            fill: (stage, step) =>
            {
                copyX.Start(stage, block.First + step * Tile.K, end);
                copyW.Start(stage, block.First + step * Tile.K, end);
            },
            use: (stage, _) =>
            {
                for (var column = 0; column < Tile.K; column += StepColumns)
                    sums.MultiplyAsync<T>(left.Rows(0, column, stage), right.Rows(0, column, stage));
            });

        block.Store(sums, block.Row + WarpId * 16 + Accumulator.LaneRow, block.Column + Accumulator.LaneQuad);
    }
}
