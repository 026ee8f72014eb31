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
    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = Parts ? "parts of x · w^T" : "y = epilogue(x · w^T)",
            Grid = size => new GridShape(Tile.Blocks(size["m"], size["n"]), Parts ? size["parts"] : 1),
            Flops = size => 2 * size["m"] * size["n"] * size["k"],
            Bytes = size => 2 * (size["m"] + size["n"]) * size["k"]
                + (Parts ? size["parts"] : 1) * Epilogue.Bytes(size["m"], size["n"]),
        };
        return PtxKernel.Define(
            Name, new BlockShape(Tile.Threads), facts, Type == DType.BF16 ? Stage<BF16> : Stage<F16>);
    }

    private void Stage<T>(KernelBuilder k)
        where T : struct, IMatrixElement<T>
    {
        var x = k.Input<T>("x");
        var xPitch = k.Scalar<S64>("x_pitch").ToS32();
        var w = k.Input<T>("w");
        var wPitch = k.Scalar<S64>("w_pitch").ToS32();
        var m = k.Scalar<S32>("m");
        var n = k.Scalar<S32>("n");
        var inner = k.Scalar<S32>("k");
        var partLength = Parts ? k.Scalar<S32>("part_length") : inner;
        var epilogue = new GpuEpilogueCode(k, Epilogue, n);

        var (row0, column0) = TileOrder.Origin(m, n, Tile.M, Tile.N);
        var first = Parts ? BlockIdx.Y * partLength : 0;
        var last = Parts ? Min(inner, first + partLength) : inner;
        if (Parts) epilogue.Shift(Isa.MulWide(BlockIdx.Y, m) * n.ToS64());

        var ring = new Ring(Tile.Stages);
        var xs = ring.Tile<T>(Tile.M, Tile.K);
        var ws = ring.Tile<T>(Tile.N, Tile.K);
        var copyX = xs.CopyFrom(x + Isa.MulWide(row0, xPitch), xPitch, m - row0);
        var copyW = ws.CopyFrom(w + Isa.MulWide(column0, wPitch), wPitch, n - column0, RowOrder.Quads);
        var left = xs.Factor(WarpgroupId * 64);
        var right = ws.Factor(0);
        var sums = new Accumulator(16, Tile.N);

        S32? end = IsWhole ? null : last;
        ring.RunAsync((last - first + (Tile.K - 1)) / Tile.K,
            fill: (stage, step) =>
            {
                copyX.Start(stage, first + step * Tile.K, end);
                copyW.Start(stage, first + step * Tile.K, end);
            },
            use: (stage, _) =>
            {
                for (var column = 0; column < Tile.K; column += StepColumns)
                    sums.MultiplyAsync<T>(left.Rows(0, column, stage), right.Rows(0, column, stage));
            });

        var row = row0 + WarpId * 16 + Accumulator.LaneRow;
        var quad = column0 + Accumulator.LaneQuad;
        sums.ForEachQuad((dr, dc, four) => If(row + dr < m, () => epilogue.Store(row + dr, quad + dc, four)));
    }
}
