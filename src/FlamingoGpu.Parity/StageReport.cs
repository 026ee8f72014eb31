namespace FlamingoGpu.Parity;

/// <summary>How one stage of a fixture compares with what the reference implementation gave.</summary>
/// <param name="Name">Stage, with its case: <c>two_images/hidden.3</c>.</param>
/// <param name="MaxAbsolute">Largest |ours − expected|; 0 for ids.</param>
/// <param name="MaxRelative">The same divided by max |expected|.</param>
/// <param name="Bound">Largest difference allowed.</param>
/// <param name="Derivation">Where the bound comes from, as a formula with its numbers.</param>
/// <param name="Matches">True when within the bound (ids: equal).</param>
/// <param name="Detail">For a mismatch: where, expected and got.</param>
public sealed record StageReport(
    string Name, double MaxAbsolute, double MaxRelative, double Bound, string Derivation, bool Matches, string? Detail = null)
{
    /// <summary>Difference as a fraction of the bound; 0 when both are 0.</summary>
    public double Ratio => MaxAbsolute == 0 ? 0 : MaxAbsolute / Bound;
}
