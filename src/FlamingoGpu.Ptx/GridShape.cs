namespace FlamingoGpu.Ptx;

/// <summary>Blocks of one launch along each axis.</summary>
/// <param name="X">Blocks along x, at most 2³¹−1.</param>
/// <param name="Y">Blocks along y, at most 65535.</param>
/// <param name="Z">Blocks along z, at most 65535.</param>
public readonly record struct GridShape(long X, long Y = 1, long Z = 1)
{
    /// <summary>How many blocks of <paramref name="size"/> cover <paramref name="count"/>.</summary>
    public static long Cover(long count, long size) => checked(count + size - 1) / size;
}
