using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// The f32 sums of one warp's part of a matrix product, in registers: <see cref="Rows"/>×<see cref="Columns"/>
/// spread over
/// the lanes as the tensor cores leave them. Lane ℓ holds rows ℓ/4 and ℓ/4 + 8 of every 16 and columns 2(ℓ%4) and
/// the next
/// of every 8.
/// </summary>
public sealed class Accumulator
{
    private readonly Var<F32>[,][] _sums;

    /// <summary>Sums that start as zero.</summary>
    /// <param name="rows">A multiple of 16.</param>
    /// <param name="columns">A multiple of 8.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public Accumulator(int rows, int columns, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(Accumulator), line, file);
        if (rows < 16 || rows % 16 != 0 || columns < 8 || columns % 8 != 0)
            Emitter.Current.Fail($"sums of {rows}×{columns}: rows come in 16s, columns in 8s.");
        Rows = rows;
        Columns = columns;
        _sums = new Var<F32>[rows / 16, columns / 8][];
        for (var m = 0; m < rows / 16; m++)
            for (var n = 0; n < columns / 8; n++)
                _sums[m, n] = [DeviceCode.Var(0f), DeviceCode.Var(0f), DeviceCode.Var(0f), DeviceCode.Var(0f)];
    }

    /// <summary>Rows of the warp's part.</summary>
    public int Rows { get; }

    /// <summary>Columns of the warp's part.</summary>
    public int Columns { get; }

    /// <summary>The first row this lane holds of every 16; it also holds the one 8 below.</summary>
    public static S32 LaneRow => DeviceCode.LaneId >> 2;

    /// <summary>The first column this lane holds of every 8; it also holds the next.</summary>
    public static S32 LaneColumn => (DeviceCode.LaneId & 3) << 1;

    /// <summary>The first column this lane holds of every 16 in <see cref="RowOrder.Quads"/>.</summary>
    public static S32 LaneQuad => (DeviceCode.LaneId & 3) << 2;

    /// <summary>
    /// Adds one inner step of a product: 16 rows of <paramref name="left"/> by 8 columns of each right factor.
    /// </summary>
    /// <typeparam name="T">Type of the factors.</typeparam>
    /// <param name="left">One fragment per 16 rows.</param>
    /// <param name="right">One fragment per 16 columns; the last may be half used.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void Multiply<T>(ReadOnlySpan<Frag<T>> left, ReadOnlySpan<Frag<T>> right,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IMatrixElement<T>
    {
        using var noun = Emitter.Noun(nameof(Multiply), line, file);
        if (left.Length != Rows / 16 || right.Length != (Columns + 15) / 16)
            Emitter.Current.Fail($"{left.Length} and {right.Length} fragments for sums of {Rows}×{Columns}.");
        for (var m = 0; m < Rows / 16; m++)
            for (var n = 0; n < Columns / 8; n++)
                Isa.MmaSyncM16N8K16RowColF32<T>(_sums[m, n], left[m].Left, right[n / 2].Right(n % 2));
    }

    /// <summary>
    /// Starts one inner step of a product of a warpgroup, whose warps hold 16 rows of 64 each; a fence must have come
    /// before, a commit and a wait must follow before the sums are used.
    /// </summary>
    /// <typeparam name="T">Type of the factors.</typeparam>
    /// <param name="left">The 64 rows (<see cref="SharedFactor{T}.Rows"/>).</param>
    /// <param name="right">As many columns as the accumulator has.</param>
    /// <param name="isTransposed">Whether the right factor's tile has the inner axis as rows.</param>
    /// <param name="adds">False to begin with zeros instead of what the sums are.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void MultiplyAsync<T>(U64 left, U64 right, bool isTransposed = false, bool adds = true,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IMatrixElement<T>
    {
        using var noun = Emitter.Noun(nameof(MultiplyAsync), line, file);
        Isa.WgmmaMmaAsyncM64K16<T>(WarpgroupSums(), left, right, isTransposed, adds);
    }

    /// <summary>As above, with this warp's 16 rows of the left factor in registers.</summary>
    /// <inheritdoc cref="MultiplyAsync{T}(U64, U64, bool, bool, int, string)"/>
    public void MultiplyAsync<T>(Frag<T> left, U64 right, bool isTransposed = false, bool adds = true,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IMatrixElement<T>
    {
        using var noun = Emitter.Noun(nameof(MultiplyAsync), line, file);
        Isa.WgmmaMmaAsyncM64K16<T>(WarpgroupSums(), left.Left, right, isTransposed, adds);
    }

    private Var<F32>[] WarpgroupSums()
    {
        if (Rows != 16) Emitter.Current.Fail($"a warp holds 16 rows of a warpgroup's 64, not {Rows}.");
        return [.. Enumerable.Range(0, Columns / 8).SelectMany(n => _sums[0, n])];
    }

    /// <summary>Runs host code over the sums of this lane, two neighbours of a row at a time.</summary>
    /// <param name="visit">
    /// Gets the constant parts of row and column (add <see cref="LaneRow"/> and <see cref="LaneColumn"/>) and the
    /// two sums.
    /// </param>
    public void ForEachPair(Action<int, int, Var<F32>, Var<F32>> visit)
    {
        for (var m = 0; m < Rows / 16; m++)
            for (var half = 0; half < 2; half++)
                for (var n = 0; n < Columns / 8; n++)
                    visit(16 * m + 8 * half, 8 * n, _sums[m, n][2 * half], _sums[m, n][2 * half + 1]);
    }

    /// <summary>
    /// Runs host code over the sums of this lane, four neighbours of a row at a time: for a right factor whose tile was
    /// filled in the order <see cref="RowOrder.Quads"/>.
    /// </summary>
    /// <param name="visit">
    /// Gets the constant parts of row and column (add <see cref="LaneRow"/> and <see cref="LaneQuad"/>) and the four
    /// sums.
    /// </param>
    public void ForEachQuad(Action<int, int, F32[]> visit)
    {
        if (Columns % 16 != 0)
            Emitter.Current.Fail($"{Columns} columns are no whole number of quads: they come in 16s.");
        for (var m = 0; m < Rows / 16; m++)
        {
            for (var half = 0; half < 2; half++)
            {
                for (var n = 0; n < Columns / 8; n += 2)
                {
                    var (near, far) = (_sums[m, n], _sums[m, n + 1]);
                    var first = 2 * half;
                    visit(16 * m + 8 * half, 8 * n, [near[first], near[first + 1], far[first], far[first + 1]]);
                }
            }
        }
    }

    /// <summary>
    /// Sixteen columns of the sums as left factors of another product, rounded to <typeparamref name="T"/>: the
    /// lanes hold
    /// them already as that product wants them.
    /// </summary>
    /// <typeparam name="T">Type to round to.</typeparam>
    /// <param name="column">First column, a multiple of 16.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public Frag<T>[] ToLeft<T>(int column, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IMatrixElement<T>
    {
        using var noun = Emitter.Noun(nameof(ToLeft), line, file);
        if (column % 16 != 0 || column < 0 || column + 16 > Columns)
            Emitter.Current.Fail($"no left factor starts at column {column} of {Columns}.");
        var fragments = new Frag<T>[Rows / 16];
        for (var m = 0; m < fragments.Length; m++)
        {
            var near = _sums[m, column / 8];
            var far = _sums[m, column / 8 + 1];
            fragments[m] = new Frag<T>(
            [
                T.Pack(near[0], near[1], line, file), T.Pack(near[2], near[3], line, file),
                T.Pack(far[0], far[1], line, file), T.Pack(far[2], far[3], line, file),
            ]);
        }

        return fragments;
    }

    /// <summary>Combines each row over all its columns; every lane of a row's four gets the result.</summary>
    /// <param name="combine">A sum or a maximum; order does not matter to it.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <returns>For each 16 rows the results of rows ℓ/4 and ℓ/4 + 8.</returns>
    public F32[] ReduceRows(Func<F32, F32, F32> combine,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(ReduceRows), line, file);
        var results = new F32[Rows / 8];
        for (var r = 0; r < results.Length; r++)
        {
            F32? row = null;
            for (var n = 0; n < Columns / 8; n++)
            {
                var pair = combine(_sums[r / 2, n][2 * (r % 2)], _sums[r / 2, n][2 * (r % 2) + 1]);
                row = row is { } sofar ? combine(sofar, pair) : pair;
            }

            var all = row!.Value;
            for (var lane = 1; lane <= 2; lane *= 2)
                all = combine(all, Isa.ShflSync(Shuffle.Butterfly, all, lane));
            results[r] = all;
        }

        return results;
    }
}
