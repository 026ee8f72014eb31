namespace FlamingoGpu.Ptx;

/// <summary>Threads of one block along each axis.</summary>
/// <param name="X">Threads along x, the axis warps are cut from.</param>
/// <param name="Y">Threads along y.</param>
/// <param name="Z">Threads along z.</param>
public readonly record struct BlockShape(int X, int Y = 1, int Z = 1)
{
    /// <summary>All threads of the block.</summary>
    public int Threads => checked(X * Y * Z);
}
