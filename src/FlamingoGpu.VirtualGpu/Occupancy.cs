namespace FlamingoGpu.VirtualGpu;

/// <summary>
/// How many blocks of a launch one multiprocessor of compute capability 8.0 or 9.0 would hold. The register count is an
/// estimate from the text: the most 32-bit values alive at once, plus a few for addresses; the driver decides
/// otherwise.
/// </summary>
/// <param name="RegistersPerThread">Estimated, at most 255.</param>
/// <param name="SharedBytes">Fixed and dynamic shared memory of a block.</param>
/// <param name="Threads">Threads of a block.</param>
/// <param name="ComputeMajor">8 or 9: a multiprocessor has 164 or 228 KiB of shared memory.</param>
public sealed record Occupancy(int RegistersPerThread, int SharedBytes, int Threads, int ComputeMajor)
{
    private const int MaximumWarps = 64;
    private const int MaximumBlocks = 32;
    private const int Registers = 65536;
    private const int SharedReserved = 1024;

    /// <summary>Blocks resident at once; 0 when not even one fits.</summary>
    public int Blocks
    {
        get
        {
            var warps = (Threads + 31) / 32;
            var registersPerWarp = (RegistersPerThread * 32 + 255) / 256 * 256;
            var byRegisters = Registers / Math.Max(1, registersPerWarp) / warps;
            var capacity = (ComputeMajor >= 9 ? 228 : 164) * 1024;
            var byShared = capacity / (((SharedBytes + 127) / 128 * 128) + SharedReserved);
            return Math.Min(Math.Min(MaximumBlocks, MaximumWarps / warps), Math.Min(byRegisters, byShared));
        }
    }

    /// <summary>Resident warps over the most a multiprocessor holds.</summary>
    public double Share => Blocks * ((Threads + 31) / 32) / (double)MaximumWarps;
}
