// Matrix product for many rows of x: y[M,N] = epilogue(x[M,K] · w[N,K]ᵀ), w in f32, f16 or bf16, its rows one after
// the other or interleaved.
//
// Item = (block of rows of x, panel of W = two vectors of columns). The worker widens and transposes its W rows of w, K
// block by K block, into an f32 panel that stays in L2, multiplies all rows of the block with it (ProductTile) into a
// scratch tile, and finishes that tile with the epilogue. The weight is read in place, once per block of rows, and never
// copied as a whole. f32 accumulation in the order of k. Any M, N, K and alignment.

using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Linear layer for more rows than <see cref="CpuGemv{TLanes, TWeight}"/> takes.</summary>
internal sealed unsafe class CpuGemm<TLanes, TWeight> : CpuKernel
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    private const int MaxStepsPerBlock = 1024;
    private const int MaxRowsPerBlock = 528;

    private readonly MatMulBinding<TLanes> _binding;
    private readonly int _panels;
    private readonly int _rowBlocks;
    private readonly int _rowsPerBlock;
    private readonly int _stepsPerBlock;

    public CpuGemm(CpuDevice device, MatMulBinding<TLanes> binding)
        : base(device)
    {
        _binding = binding;
        var width = ProductTile<TLanes>.Width;
        _panels = (binding.OutputColumns + width - 1) / width;
        (_rowBlocks, _rowsPerBlock) = EvenBlocks(binding.Rows, MaxRowsPerBlock, ProductTile<TLanes>.MaxRows);
        (_, _stepsPerBlock) = EvenBlocks(binding.InputColumns, MaxStepsPerBlock, 2 * TLanes.Count);
        device.Scratch.ReservePerWorker((_stepsPerBlock + _rowsPerBlock) * width * sizeof(float));
    }

    /// <inheritdoc/>
    public override string Variant => $"gemm-{TWeight.Name}-{ProductTile<TLanes>.MaxRows}x{ProductTile<TLanes>.Width}";

    /// <inheritdoc/>
    public override void Run() => Dispatch((long)_panels * _rowBlocks);

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        var width = ProductTile<TLanes>.Width;
        var panel = (float*)Device.Scratch.OfWorker(worker);
        var sums = panel + _stepsPerBlock * width;
        var (block, panelIndex) = Math.DivRem(item, _panels);
        var firstRow = (long)block * _rowsPerBlock;
        var rows = (int)Math.Min(_rowsPerBlock, _binding.Rows - firstRow);
        var column = panelIndex * width;
        var columns = Math.Min(width, _binding.OutputColumns - column);

        var step = 0;
        do
        {
            var steps = Math.Min(_stepsPerBlock, _binding.InputColumns - step);
            WeightPanel<TLanes, TWeight>.Fill(_binding.Weight, column, columns, step, steps, panel);
            ProductTile<TLanes>.Multiply(
                _binding.X.Row(firstRow) + step, _binding.X.Pitch, panel, width, sums, width, rows, steps, step > 0);
            step += steps;
        }
        while (step < _binding.InputColumns);

        for (var row = 0; row < rows; row++) _binding.Store(sums + row * width, firstRow + row, column, columns);
    }

    /// <summary>Cuts a length into the fewest blocks of at most <paramref name="most"/>, all but the last equal multiples of a unit.</summary>
    private static (int Count, int Length) EvenBlocks(long length, int most, int unit)
    {
        var count = Math.Max(1, (length + most - 1) / most);
        var blockLength = ((length + count - 1) / count + unit - 1) / unit * unit;
        return (checked((int)count), checked((int)Math.Max(unit, blockLength)));
    }
}
