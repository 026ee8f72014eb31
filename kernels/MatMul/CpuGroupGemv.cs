// Matrix product for few rows of x (decode): y[M,N] = epilogue(x[M,K] · w[N,K]ᵀ), M ≤ 8, w in f32 or bf16, its rows
// interleaved in groups of 16 (RowGroups).
//
// Bound by reading w once, as sequential streams. Item = groups of about 64 KiB; a worker takes neighbouring items.
// One row of x: a group from beginning to end with all its sums in registers (GroupProducts). More rows: the group in
// chunks of 8 KiB, each multiplied with all rows of x while it is in L1, so w still comes from memory once. The rows
// behind the last whole group are multiplied by RowProducts<TLanes, TWeight>. An output element is computed in one way whatever the
// items are. x is arranged once per run in shared scratch. Partial sums are f32 lanes added in pairs at the end. 2·M
// FLOPs per element of w. Any N; K in whole pieces; 512-bit vectors. Measured in notes.md.

using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Linear layer with an interleaved weight, for few rows of x.</summary>
internal sealed unsafe class CpuGroupGemv<TLanes, TWeight> : CpuStreamKernel
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    private const int MaxRows = 8;
    private const int RowsForFour = 3; // a fourth row of x, undefined and without use, costs less than three times one
    private const int PiecesPerChunk = 8;
    private const int ChunkBytes = PiecesPerChunk * RowGroups.Rows * RowGroups.PieceBytes;
    private const int StreamPrefetchBytes = 4 << 10;
    private const int ItemBytes = 64 << 10;

    private readonly MatMulBinding<TLanes> _binding;
    private readonly int _rows;
    private readonly int _pieces;
    private readonly nint _arrangedLength;
    private readonly int _columnsPerItem;

    public CpuGroupGemv(CpuDevice device, MatMulBinding<TLanes> binding)
        : base(device)
    {
        _binding = binding;
        _rows = (int)binding.Rows;
        _pieces = binding.InputColumns / GroupProducts<TLanes, TWeight>.PieceLength;
        _arrangedLength = RowProducts<TLanes, TWeight>.ArrangedLength(binding.InputColumns);
        var groupBytes = RowGroups.Rows * binding.InputColumns * TWeight.Size;
        _columnsPerItem = RowGroups.Rows * Math.Max(1, ItemBytes / groupBytes);
        device.Scratch.ReserveShared(MaxRows * _arrangedLength * sizeof(float));
    }

    /// <inheritdoc/>
    public override string Variant => $"gemv-{TWeight.Name}-groups";

    /// <inheritdoc/>
    public override void Run()
    {
        for (var row = 0; row < _rows; row++)
            RowProducts<TLanes, TWeight>.Arrange(_binding.X.Row(row), _binding.InputColumns, X(row));
        DispatchStream((_binding.OutputColumns + _columnsPerItem - 1) / _columnsPerItem);
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    protected override void ExecuteItem(int item, int worker)
    {
        var lanes = stackalloc float[MaxRows * RowGroups.Rows * 16]; // [M, 16] vectors
        var column = item * _columnsPerItem;
        var end = Math.Min(column + _columnsPerItem, _binding.OutputColumns);
        for (; column < Math.Min(end, _binding.Weight.Grouped); column += RowGroups.Rows)
        {
            Multiply(_binding.Weight.Row(column), lanes);
            for (var row = 0; row < _rows; row++)
                Finish(lanes + row * RowGroups.Rows * TLanes.Count, row, column, RowGroups.Rows);
        }

        if (column == end) return;
        var rest = new RowRun(
            _binding.Weight.Row(column), _binding.Weight.PitchBytes, end - column, _binding.InputColumns,
            StreamPrefetchBytes, _binding.Weight.Row(end));
        for (var row = 0; row < _rows; row++)
        {
            RowProducts<TLanes, TWeight>.One(rest, X(row), lanes);
            Finish(lanes, row, column, end - column);
        }
    }

    /// <summary>lanes[M, 16] = the group times all rows of x: one row at once, more in chunks, four or one at a time.</summary>
    private void Multiply(byte* group, float* lanes)
    {
        if (_rows == 1)
        {
            GroupProducts<TLanes, TWeight>.SixteenRows(group, _pieces, StreamPrefetchBytes, X(0), lanes, false);
            return;
        }

        for (var first = 0; first < _pieces; first += PiecesPerChunk, group += ChunkBytes)
        {
            var pieces = Math.Min(PiecesPerChunk, _pieces - first);
            for (var row = 0; row < _rows;)
            {
                var x = X(row) + first * GroupProducts<TLanes, TWeight>.PieceLength;
                var sums = lanes + row * RowGroups.Rows * TLanes.Count;
                if (_rows - row < RowsForFour)
                {
                    var ahead = row == 0 ? ChunkBytes : 0;
                    GroupProducts<TLanes, TWeight>.SixteenRows(group, pieces, ahead, x, sums, first > 0);
                    row++;
                    continue;
                }

                for (var quarter = 0; quarter < RowGroups.Rows; quarter += 4)
                {
                    GroupProducts<TLanes, TWeight>.FourRows(
                        group + quarter * RowGroups.PieceBytes, pieces, ChunkBytes, x, _arrangedLength,
                        sums + quarter * TLanes.Count, accumulate: first > 0);
                }

                row += 4;
            }
        }
    }

    private float* X(int row) => (float*)Device.Scratch.Shared + row * _arrangedLength;

    /// <summary>Adds the lanes of each output element and stores the elements of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(float* lanes, int row, int column, int columns)
    {
        var sums = stackalloc float[RowGroups.Rows];
        if (columns == TLanes.Count)
        {
            TLanes.Sums(lanes).Store(sums);
        }
        else
        {
            for (var i = 0; i < columns; i++) sums[i] = TLanes.Sum(TLanes.Load(lanes + i * TLanes.Count));
        }

        _binding.Store(sums, row, column, columns);
    }
}
