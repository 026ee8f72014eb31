namespace FlamingoGpu.Ptx;

/// <summary>In which order source rows stand in a shared tile.</summary>
public enum RowOrder
{
    /// <summary>Row after row.</summary>
    Natural,

    /// <summary>
    /// Every 16 rows permuted so that, when they are the right factor of a product, a lane's two pairs of sums are four
    /// neighbouring columns (<see cref="Accumulator.ForEachQuad"/>) and can be stored at once.
    /// </summary>
    Quads,
}
