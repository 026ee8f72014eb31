// Matrix product on the tensor cores: y = epilogue(x · wᵀ), x and w of the same 16-bit type, sums in f32.
// x [M, K] and w [N, K] row-major, rows any multiple of 8 (4) elements apart; y and epilogue: GpuEpilogue.
// Grid: tiles of M×N in groups of 8 rows of tiles, so that blocks which run together share x and w in the second-level
// cache; × parts of K. A block turns a ring of asynchronous copies of its x and w rows, swizzled in shared memory; each
// warp multiplies its part, the fragments of the next 16 steps loading meanwhile.
// The rows of w stand in the order `Quads`, so a lane ends with 4 neighbouring columns: 16-byte f32 or 8-byte stores.
// Shared: stages · (M + N) · K · 2 bytes. Registers: M·N / threads sums and two sets of fragments. 2·M·N·K FLOPs.
// M and N any. Piece 8: K a multiple of 8, 16-byte aligned rows; piece 4: K a multiple of 4, 8-byte aligned rows
// (patches of 14×14 pixels, K = 588), twice as many copies, through the first-level cache.
// With parts, part z of K goes to y + z·M·N (CombineParts).

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Matrix product on the tensor cores.</summary>
/// <param name="Type">Type of x and w: bf16 or f16.</param>
/// <param name="Tile">Tile of a block.</param>
/// <param name="Piece">Elements of one asynchronous copy, 8 or 4: rows start and end on multiples of it.</param>
/// <param name="IsWhole">True when K is a multiple of the tile's: no copy is checked against the end of a row.</param>
/// <param name="Parts">True when K is cut into parts.</param>
/// <param name="Epilogue">What is fused.</param>
internal sealed record GemmTensorCore(
    DType Type, GemmTile Tile, int Piece, bool IsWhole, bool Parts, GpuEpilogue Epilogue) : IKernelVariant
{
    private const int StepRows = 16; // inner steps of one matrix instruction

    /// <summary>The widest piece in which these operands can be copied; 0: this kernel cannot multiply them.</summary>
    public static int PieceFor(BoundTensor x, BoundTensor w)
    {
        if (x.DType != w.DType || x.DType is not (DType.BF16 or DType.F16)) return 0;
        if (x.RowPitch > int.MaxValue || w.RowPitch > int.MaxValue) return 0;
        return RowAlignment.Allows(8, x, w) ? 8 : RowAlignment.Allows(4, x, w) ? 4 : 0;
    }

    /// <inheritdoc/>
    public string Name =>
        $"gemm_tensor_{Tile}_{Type.ShortName()}{(Piece == 8 ? "" : "_8b")}{(IsWhole ? "" : "_ragged")}"
        + $"{(Parts ? "_parts" : "")}{Epilogue.Name}";

    /// <inheritdoc/>
    public PtxKernel Build() => Type == DType.BF16 ? Build<BF16>() : Build<F16>();

    private PtxKernel Build<T>()
        where T : struct, IMatrixElement<T> => PtxKernel.Define(
            Name, new BlockShape(Tile.Threads), ProductBlock<T>.Facts(Epilogue, Parts, Tile.Blocks), Stage<T>);

    private void Stage<T>(KernelBuilder k)
        where T : struct, IMatrixElement<T>
    {
        var block = new ProductBlock<T>(k, Epilogue, Tile.M, Tile.N, Parts, 2 * Piece);
        var ring = new Ring(Tile.Stages);
        var xs = ring.Tile<T>(Tile.M, Tile.K);
        var ws = ring.Tile<T>(Tile.N, Tile.K);
        var (copyX, copyW) = (block.CopyX(xs), block.CopyW(ws));
        var warpRow = WarpId / Tile.WarpColumns * Tile.RowsPerWarp;
        var warpColumn = WarpId % Tile.WarpColumns * Tile.ColumnsPerWarp;
        var left = xs.LeftFactor(warpRow);
        var right = ws.RightFactor(warpColumn);
        var sums = new Accumulator(Tile.RowsPerWarp, Tile.ColumnsPerWarp);

        S32? end = IsWhole ? null : block.Last;
        ring.Run((block.Last - block.First + (Tile.K - 1)) / Tile.K,
            fill: (stage, step) =>
            {
                copyX.Start(stage, block.First + step * Tile.K, end);
                copyW.Start(stage, block.First + step * Tile.K, end);
            },
            use: (stage, _) =>
            {
                var (a, b) = (Fragments(left, sums.Rows, 0, stage), Fragments(right, sums.Columns, 0, stage));
                for (var step = StepRows; step <= Tile.K; step += StepRows)
                {
                    var (thisA, thisB) = (a, b);
                    if (step < Tile.K)
                        (a, b) = (Fragments(left, sums.Rows, step, stage), Fragments(right, sums.Columns, step, stage));
                    sums.Multiply<T>(thisA, thisB);
                }
            });

        block.Store(
            sums, block.Row + warpRow + Accumulator.LaneRow, block.Column + warpColumn + Accumulator.LaneQuad);
    }

    private static Frag<T>[] Fragments<T>(FragmentReader<T> reader, int extent, int step, Stage stage)
        where T : struct, IMatrixElement<T>
    {
        var fragments = new Frag<T>[extent / 16];
        for (var i = 0; i < fragments.Length; i++) fragments[i] = reader.Load(16 * i, step, stage);
        return fragments;
    }
}
