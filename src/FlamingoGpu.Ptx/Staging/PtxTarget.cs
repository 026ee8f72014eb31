namespace FlamingoGpu.Ptx;

/// <summary>What a text asks of its assembler: a version of the PTX ISA and a family of devices.</summary>
/// <param name="Version">The <c>.version</c>.</param>
/// <param name="Capability">Compute capability × 10 of the <c>.target</c>.</param>
/// <param name="IsExact">True for instructions that only this capability has (<c>sm_90a</c>).</param>
internal sealed record PtxTarget(Version Version, int Capability, bool IsExact = false)
{
    /// <summary>What every kernel needs.</summary>
    public static readonly PtxTarget Base = new(new Version(7, 0), 80);

    /// <summary>Cache policies.</summary>
    public static readonly PtxTarget CacheHints = new(new Version(7, 4), 80);

    /// <summary>Warpgroup matrix instructions and the fence in front of them.</summary>
    public static readonly PtxTarget Warpgroups = new(new Version(8, 0), 90, IsExact: true);

    /// <summary>The <c>.target</c>.</summary>
    public string Name => $"sm_{Capability}{(IsExact ? "a" : "")}";

    /// <summary>Kernels that start before their predecessor is done.</summary>
    public static readonly PtxTarget DependentLaunch = new(new Version(7, 8), 90);

    /// <summary>What both need.</summary>
    public PtxTarget With(PtxTarget other) => new(
        Version > other.Version ? Version : other.Version, Math.Max(Capability, other.Capability),
        IsExact || other.IsExact);
}
