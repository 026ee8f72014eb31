namespace FlamingoGpu.Runtime.Cpu;

/// <summary>Work cut into independent items, as a <see cref="WorkerPool"/> hands them out.</summary>
public interface IParallelBody
{
    /// <summary>Does one item. Items run in any order, on any worker, at the same time.</summary>
    /// <param name="item">Which item, from 0.</param>
    /// <param name="worker">
    /// Which worker does it, 0 … <see cref="WorkerPool.ThreadCount"/>−1; picks scratch memory and must not influence the
    /// result.
    /// </param>
    void Execute(int item, int worker);
}
