using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>One thread's asynchronous copy that nobody has waited for yet.</summary>
/// <param name="Lane">The thread.</param>
/// <param name="Group">Number of the thread's group it belongs to.</param>
/// <param name="Destination">Offset in shared memory.</param>
/// <param name="Source">The allocation read, null when nothing is read.</param>
/// <param name="SourceOffset">Offset in it.</param>
/// <param name="SourceBytes">Bytes read; the rest of the destination becomes zero.</param>
/// <param name="Bytes">Bytes written.</param>
/// <param name="Op">The copying instruction.</param>
internal readonly record struct PendingCopy(
    int Lane, int Group, uint Destination, Allocation? Source, long SourceOffset, int SourceBytes, int Bytes, Op Op);
