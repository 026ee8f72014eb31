using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>A kernel whose output rows are independent of each other; neighbouring rows form items of about 64 KiB.</summary>
/// <param name="device">The device.</param>
/// <param name="rows">Output rows.</param>
/// <param name="columns">Elements of an output row.</param>
internal abstract class CpuRowKernel(CpuDevice device, long rows, long columns) : CpuKernel(device)
{
    private const long ElementsPerItem = 16384;

    private readonly long _rowsPerItem = Math.Max(1, ElementsPerItem / Math.Max(1, columns));

    /// <inheritdoc/>
    public override void Run() => Dispatch((rows + _rowsPerItem - 1) / _rowsPerItem);

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        var first = item * _rowsPerItem;
        RunRows(first, Math.Min(rows, first + _rowsPerItem));
    }

    /// <summary>Computes output rows first … last−1.</summary>
    protected abstract void RunRows(long first, long last);
}
