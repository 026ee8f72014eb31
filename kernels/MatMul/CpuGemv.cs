// Matrix product for few rows of x (decode): y[M,N] = epilogue(x[M,K] · w[N,K]ᵀ), M ≤ 8, w in f32, f16, bf16, its
// rows one after the other.
//
// Bound by reading w once, in place. Item = a block of rows of w of about 64 KiB whose partial sums (RowProducts) are
// added and finished together; a worker takes neighbouring items. An output element is computed in one way whatever the
// items are. x is arranged once per run in shared scratch and stays in L1/L2. Partial sums are f32 lanes added in pairs at the end. 2·M FLOPs per element
// of w. Any N, K and alignment. Measured in notes.md.

using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Linear layer for up to <see cref="MaxRows"/> rows of x.</summary>
internal sealed unsafe class CpuGemv<TLanes, TWeight> : CpuStreamKernel
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    /// <summary>Most rows of x.</summary>
    public const int MaxRows = 8;

    private const int MinWeightRows = 4; // that many go side by side
    private const int MaxWeightRows = 32;
    private const int ItemBytes = 64 << 10;
    private const int StreamPrefetchBytes = 8 << 10;
    private const int MaxElementsInL1 = 4096;

    private readonly MatMulBinding<TLanes> _binding;
    private readonly int _rows;
    private readonly nint _arrangedLength;
    private readonly int _columnsPerItem;
    private readonly nint _prefetchBytes;

    public CpuGemv(CpuDevice device, MatMulBinding<TLanes> binding)
        : base(device)
    {
        _binding = binding;
        _rows = (int)binding.Rows;
        _arrangedLength = RowProducts<TLanes, TWeight>.ArrangedLength(binding.InputColumns);

        var nextGroup = 4 * binding.Weight.PitchBytes;
        _prefetchBytes = _rows == 1 && binding.InputColumns > MaxElementsInL1 ? nextGroup : StreamPrefetchBytes;
        var rowBytes = Math.Max(1, binding.InputColumns * TWeight.Size);
        _columnsPerItem = Math.Clamp(ItemBytes / rowBytes, MinWeightRows, MaxWeightRows);
        device.Scratch.ReserveShared(MaxRows * _arrangedLength * sizeof(float));
    }

    /// <inheritdoc/>
    public override string Variant =>
        _rows == 1 && _binding.InputColumns > MaxElementsInL1 ? $"gemv-{TWeight.Name}-4rows" : $"gemv-{TWeight.Name}-stream";

    /// <inheritdoc/>
    public override void Run()
    {
        var arranged = (float*)Device.Scratch.Shared;
        for (var row = 0; row < _rows; row++)
            RowProducts<TLanes, TWeight>.Arrange(_binding.X.Row(row), _binding.InputColumns, arranged + row * _arrangedLength);
        DispatchStream((_binding.OutputColumns + _columnsPerItem - 1) / _columnsPerItem);
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    protected override void ExecuteItem(int item, int worker)
    {
        var lanes = stackalloc float[MaxWeightRows * 4 * 16];
        var sums = stackalloc float[MaxWeightRows];
        var column = item * _columnsPerItem;
        var columns = Math.Min(_columnsPerItem, _binding.OutputColumns - column);
        var run = new RowRun(
            _binding.Weight.Row(column), _binding.Weight.PitchBytes, columns, _binding.InputColumns,
            _prefetchBytes, _binding.Weight.Row(_binding.OutputColumns));
        for (var row = 0; row < _rows;)
        {
            var rows = Multiply(run, row, lanes);
            for (var i = 0; i < rows; i++)
            {
                AddLanes(lanes + i * TLanes.Count, rows * TLanes.Count, columns, sums);
                _binding.Store(sums, row + i, column, columns);
            }

            row += rows;
        }
    }

    /// <summary>Multiplies weight rows with the next four, two or one rows of x and tells how many.</summary>
    private int Multiply(in RowRun run, int row, float* lanes)
    {
        var x = (float*)Device.Scratch.Shared + row * _arrangedLength;
        switch (_rows - row)
        {
            case >= 4:
                RowProducts<TLanes, TWeight>.Four(run, x, _arrangedLength, lanes);
                return 4;
            case >= 2:
                RowProducts<TLanes, TWeight>.Two(run, x, _arrangedLength, lanes);
                return 2;
            default:
                if (_binding.InputColumns > MaxElementsInL1) RowProducts<TLanes, TWeight>.OneLong(run, x, lanes);
                else RowProducts<TLanes, TWeight>.One(run, x, lanes);
                return 1;
        }
    }

    /// <summary>sums[i] = all lanes of vector i, vectors <paramref name="pitch"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddLanes(float* lanes, nint pitch, int count, float* sums)
    {
        for (var i = 0; i < count; i++) sums[i] = TLanes.Sum(TLanes.Load(lanes + i * pitch));
    }
}
