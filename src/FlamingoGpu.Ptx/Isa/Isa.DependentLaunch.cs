using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

// Both instructions stand only in the text for dependent launches, see PtxKernel.DependentText.
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
}
