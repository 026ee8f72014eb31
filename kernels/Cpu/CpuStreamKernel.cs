using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>
/// A kernel bound by reading memory whose items lie one behind the other there: each worker takes neighbouring items as
/// long as it can, so that its stream goes on (<see cref="WorkShares"/>).
/// </summary>
internal abstract class CpuStreamKernel(CpuDevice device) : CpuKernel(device)
{
    private readonly WorkShares _shares = new(device.Pool.ThreadCount);

    /// <inheritdoc/>
    public sealed override void Execute(int item, int worker)
    {
        for (var next = _shares.Take(item); next >= 0; next = _shares.Take(item)) ExecuteItem(next, worker);
    }

    /// <summary>Does one item, as <see cref="IParallelBody.Execute"/>.</summary>
    protected abstract void ExecuteItem(int item, int worker);

    /// <summary>Runs items 0 … count−1 and waits for them.</summary>
    protected void DispatchStream(long itemCount)
    {
        _shares.Reset(checked((int)itemCount));
        Dispatch(_shares.Count);
    }
}
