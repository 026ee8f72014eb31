// Matrix product on the ordinary arithmetic units: y = epilogue(x · wᵀ), f32 multiply-adds (no tf32), in the order of k.
// x [M, K] and w [N, K] row-major in f32, f16 or bf16, rows any pitch apart; y and epilogue: GpuEpilogue.
// Grid: columns × rows of tiles × parts of K. A block holds 16 steps of its x and w rows as f32 in shared memory,
// turned so that a thread reads 4 neighbouring rows or columns at once; the next 16 are loaded into registers meanwhile.
// Shared: 16 · (M + N + 8) · 4 bytes. Registers: 16 sums a square of 4×4. 2·M·N·K FLOPs; x is read N / tile.N times.
// M, N, K any. Vectors: 4 elements a load, where rows allow it; else single elements. With parts, part z of K goes to
// y + z·M·N, to be added up by CombineParts.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Matrix product in f32 multiply-adds, for any types, sizes and alignments.</summary>
internal sealed record GemmFma(DType X, DType W, FmaTile Tile, bool Vectors, bool Parts, GpuEpilogue Epilogue)
    : IKernelVariant
{
    private const int Chunk = 4;
    private const int Padding = 4; // shifts neighbouring pairs of 8 steps by half the banks

    /// <inheritdoc/>
    public string Name => $"gemm_fma_{Tile.M}x{Tile.N}_{X.ShortName()}_{W.ShortName()}"
        + $"{(Vectors ? "_v4" : "")}{(Parts ? "_parts" : "")}{Epilogue.Name}";

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = Parts ? "parts of x · w^T" : "y = epilogue(x · w^T)",
            Grid = size => new GridShape(
                GridShape.Cover(size["n"], Tile.N), GridShape.Cover(size["m"], Tile.M), Parts ? size["parts"] : 1),
            Flops = size => 2 * size["m"] * size["n"] * size["k"],
            Bytes = size => X.ByteSize(size["m"] * size["k"]) + W.ByteSize(size["n"] * size["k"])
                + (Parts ? size["parts"] : 1) * Epilogue.Bytes(size["m"], size["n"]),
        };
        return PtxKernel.Define(Name, new BlockShape(Tile.Threads), facts, Stage);
    }

    private void Stage(KernelBuilder k)
    {
        var x = k.InputFloats("x", X, Vectors ? (int)X.ByteSize(Chunk) : 0);
        var xPitch = k.Scalar<S64>("x_pitch");
        var w = k.InputFloats("w", W, Vectors ? (int)W.ByteSize(Chunk) : 0);
        var wPitch = k.Scalar<S64>("w_pitch");
        var m = k.Scalar<S32>("m");
        var n = k.Scalar<S32>("n");
        var inner = k.Scalar<S32>("k");
        var partLength = Parts ? k.Scalar<S32>("part_length") : inner;
        var epilogue = new GpuEpilogueCode(k, Epilogue, n);

        var (row0, column0) = (BlockIdx.Y * Tile.M, BlockIdx.X * Tile.N);
        var first = Parts ? BlockIdx.Z * partLength : 0;
        var last = Parts ? Min(inner, first + partLength) : inner;
        if (Parts) epilogue.Shift(Isa.MulWide(BlockIdx.Z, m) * n.ToS64());

        var xs = new Panel(this, x, xPitch, row0, m, last, Tile.M);
        var ws = new Panel(this, w, wPitch, column0, n, last, Tile.N);
        var threadRow = ThreadIdx.X >> int.Log2(Tile.ThreadColumns);
        var threadColumn = ThreadIdx.X & (Tile.ThreadColumns - 1);
        var sums = new Var<F32>[4 * Tile.RowQuads, 4 * Tile.ColumnQuads];
        for (var i = 0; i < sums.GetLength(0); i++)
            for (var j = 0; j < sums.GetLength(1); j++) sums[i, j] = Var(0f);

        xs.Load(first);
        ws.Load(first);
        For(first, last, FmaTile.K, step =>
        {
            Barrier(); // all are done with the steps before
            xs.Keep();
            ws.Keep();
            Barrier();
            xs.Load(step + FmaTile.K);
            ws.Load(step + FmaTile.K);
            for (var kk = 0; kk < FmaTile.K; kk++)
            {
                var left = xs.Quads(kk, threadRow, Tile.RowQuads);
                var right = ws.Quads(kk, threadColumn, Tile.ColumnQuads);
                for (var i = 0; i < left.Length; i++)
                    for (var j = 0; j < right.Length; j++) sums[i, j] += left[i] * right[j];
            }
        });

        for (var i = 0; i < sums.GetLength(0); i++)
        {
            var row = row0 + threadRow * 4 + (i / 4 * (Tile.M / Tile.RowQuads) + i % 4);
            var line = i;
            If(row < m, () =>
            {
                for (var quad = 0; quad < Tile.ColumnQuads; quad++)
                {
                    var column = column0 + threadColumn * 4 + quad * (Tile.N / Tile.ColumnQuads);
                    epilogue.Store(row, column, [.. Enumerable.Range(4 * quad, 4).Select(j => sums[line, j].Value)]);
                }
            });
        }
    }

    /// <summary>Sixteen steps of some rows of a factor: first in registers, then turned in shared memory.</summary>
    private sealed class Panel
    {
        private readonly GemmFma _kernel;
        private readonly S32 _last;
        private readonly int _rows;
        private readonly Shared<F32> _steps; // [16 steps, rows + padding]
        private readonly List<Piece> _pieces = [];

        public Panel(GemmFma kernel, FloatPtr source, S64 pitch, S32 row0, S32 rows, S32 last, int tileRows)
        {
            (_kernel, _last, _rows) = (kernel, last, tileRows);
            _steps = SharedArray<F32>(FmaTile.K * (tileRows + Padding));
            var pieces = tileRows * FmaTile.K / Chunk;
            for (var start = 0; start < pieces; start += kernel.Tile.Threads)
            {
                // Two lanes take 8 steps of a row, a warp 16 rows: whole sectors of f32, and no bank twice when stored.
                var piece = ThreadIdx.X + start;
                var row = (piece >> 1) & (tileRows - 1);
                var step = ((piece >> (1 + int.Log2(tileRows))) * 8) + ((piece & 1) * Chunk);
                var exists = row0 + row < rows;
                Pred? isPiece = start + kernel.Tile.Threads <= pieces ? null : piece < pieces;
                if (isPiece is { } isOne) exists &= isOne;
                var at = source + ((row0 + row).ToS64() * pitch + step.ToS64());
                var values = new Var<F32>[Chunk];
                for (var i = 0; i < Chunk; i++) values[i] = Var(0f);
                _pieces.Add(new Piece(at, exists, isPiece, row, step, values));
            }
        }

        /// <summary>Loads the 16 steps from <paramref name="step"/> on; what does not exist becomes zero.</summary>
        public void Load(S32 step)
        {
            foreach (var piece in _pieces)
            {
                var from = piece.Source + step;
                foreach (var value in piece.Values) value.Set(0f);
                if (_kernel.Vectors)
                {
                    When(piece.Exists & (step + piece.Step < _last), () =>
                    {
                        var loaded = from.LoadVector(Chunk);
                        for (var i = 0; i < Chunk; i++) piece.Values[i].Set(loaded[i]);
                    });
                    continue;
                }

                for (var i = 0; i < Chunk; i++)
                {
                    var at = i;
                    When(piece.Exists & (step + piece.Step + i < _last), () => piece.Values[at].Set(from[at]));
                }
            }
        }

        /// <summary>Puts the loaded steps where all threads can read them.</summary>
        public void Keep()
        {
            foreach (var piece in _pieces)
            {
                var to = _steps + (piece.Step * (_rows + Padding) + piece.Row);
                if (piece.IsPiece is { } isPiece) When(isPiece, () => Store(to, piece.Values));
                else Store(to, piece.Values);
            }
        }

        /// <summary>The values at step <paramref name="step"/> of a thread's rows.</summary>
        public F32[] Quads(int step, S32 thread, int quads)
        {
            var values = new F32[4 * quads];
            for (var quad = 0; quad < quads; quad++)
            {
                var at = _steps + thread * 4 + (step * (_rows + Padding) + quad * (_rows / quads));
                var four = Isa.LdSharedV4(at);
                for (var i = 0; i < 4; i++) values[4 * quad + i] = four[i];
            }

            return values;
        }

        private void Store(Shared<F32> to, Var<F32>[] values)
        {
            for (var i = 0; i < values.Length; i++) Isa.StShared(to + i * (_rows + Padding), values[i].Value);
        }

        private sealed record Piece(FloatPtr Source, Pred Exists, Pred? IsPiece, S32 Row, S32 Step, Var<F32>[] Values);
    }
}
