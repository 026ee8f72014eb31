using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>A bound kernel that runs as items on the worker pool. The item cut depends on shapes only, never on the number of threads.</summary>
internal abstract class CpuKernel(CpuDevice device) : BoundKernel, IParallelBody
{
    /// <summary>The device whose pool and scratch memory the kernel uses.</summary>
    protected CpuDevice Device => device;

    /// <inheritdoc/>
    public abstract void Execute(int item, int worker);

    /// <summary>Runs items 0 … count−1 and waits for them.</summary>
    protected void Dispatch(long itemCount) => device.Pool.Run(this, checked((int)itemCount));
}
