using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>How the keys of a row lie in its block.</summary>
/// <param name="Threads">Threads of the block.</param>
/// <param name="Vector">Neighbouring elements of one access.</param>
/// <param name="Vectors">Accesses whose keys each thread keeps, 0 when the row is read again each time.</param>
internal readonly record struct LogitRowShape(int Threads, int Vector, int Vectors)
{
    // 100 keys a thread hold a vocabulary of 51,200. 80 of them leave 48 of the 128 registers that a thread of 512 may
    // have; the others take 40 KiB of shared memory.
    private const int MostThreads = 512;
    private const int MostKeys = 100;
    private const int MostKeysInRegisters = 80;

    /// <summary>Accesses whose keys stay in registers.</summary>
    public int VectorsInRegisters => Math.Min(Vectors, MostKeysInRegisters / Vector);

    /// <summary>Accesses whose keys stay in shared memory.</summary>
    public int VectorsInShared => Vectors - VectorsInRegisters;

    /// <summary>Part of a kernel's name.</summary>
    public string Name => $"{Threads}x{(Vectors == 0 ? "memory" : Vectors)}x{Vector}";

    /// <summary>The shape for rows of some length: few keys a thread first, then more threads, then memory.</summary>
    public static LogitRowShape For(long columns, int vector)
    {
        var threads = 128;
        while (threads < MostThreads && threads * 16L < columns) threads *= 2;
        var vectors = GridShape.Cover(columns, (long)threads * vector);

        // Rounded up to sixteenths of a power of two, so that vocabularies of about one size share a kernel.
        var step = 1;
        while (step * 32 < vectors) step *= 2;
        var rounded = (vectors + step - 1) / step * step;
        return new LogitRowShape(threads, vector, rounded * vector > MostKeys ? 0 : (int)rounded);
    }
}
