using System.Runtime.Intrinsics;
using FlamingoGpu.Conformance.Cpu;

namespace FlamingoGpu.Conformance;

/// <summary>
/// Runs a reduced set of the CPU op tests in a process of its own and prints the vector width it ran with; the runner
/// never calls it.
/// </summary>
public static class Program
{
    public static int Main()
    {
        Console.WriteLine(VectorBits);
        ReducedSet.Run();
        return 0;
    }

    public static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
}
