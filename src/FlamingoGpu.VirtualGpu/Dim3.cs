namespace FlamingoGpu.VirtualGpu;

/// <summary>Extents of a grid or of a block.</summary>
/// <param name="X">Fastest axis.</param>
/// <param name="Y">Second axis.</param>
/// <param name="Z">Slowest axis.</param>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>Product of the extents.</summary>
    public long Count => (long)X * Y * Z;

    /// <summary>A grid or block with one axis.</summary>
    public static implicit operator Dim3(int x) => new(x);

    /// <summary>As <c>x × y × z</c>.</summary>
    public override string ToString() => $"{X} × {Y} × {Z}";
}
