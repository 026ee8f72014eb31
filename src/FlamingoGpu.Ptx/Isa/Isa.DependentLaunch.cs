using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

// These instructions stand only in the text for dependent launches, see PtxKernel.DependentText.
public static partial class Isa
{
    /// <summary>
    /// <c>griddepcontrol.wait</c>: waits until the kernels before this one are done and their memory is to be seen. A
    /// kernel that places it itself may load constants in front of it: bytes that no kernel of the request writes.
    /// </summary>
    /// <remarks>
    /// Every thread comes here exactly once: outside loops, branches and guards, with no exit and no write to global
    /// memory before. A kernel without it waits before it first does more than compute registers. In the text for
    /// ordinary launches it is nothing.
    /// </remarks>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <exception cref="KernelDefinitionException">It stands where not every thread comes once.</exception>
    public static void GriddepcontrolWait([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Emitter.At(line, file).AwaitPredecessors();

    /// <summary>
    /// <c>cp.async.bulk.prefetch.L2.global</c>: asks for a run of bytes to be brought to the second-level cache and goes
    /// on at once. In front of the wait it fills the time until the kernels before this one are done; like a load it
    /// may touch only constants there.
    /// </summary>
    /// <remarks>In the text for ordinary launches it is nothing. Raises the other one to PTX ISA 8.0.</remarks>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="source">The first byte; aligned to 16.</param>
    /// <param name="bytes">How many: a multiple of 16.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void CpAsyncBulkPrefetchL2<T>(
        Ptr<T> source, S32 bytes, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> => Emitter.At(line, file).EmitForDependentLaunch(
            PtxTarget.BulkPrefetch, "cp.async.bulk.prefetch.L2.global", At(source), Slot.From(bytes.Operand));
}
