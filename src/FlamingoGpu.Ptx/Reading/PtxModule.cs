namespace FlamingoGpu.Ptx.Reading;

/// <summary>A PTX text that was read and found legal.</summary>
public sealed class PtxModule
{
    internal PtxModule(Version version, PtxArchitecture target, IReadOnlyList<PtxEntry> kernels,
        IReadOnlyList<PtxVariable> variables)
    {
        Version = version;
        Target = target;
        Kernels = kernels;
        Variables = variables;
    }

    /// <summary>The <c>.version</c>.</summary>
    public Version Version { get; }

    /// <summary>The <c>.target</c>.</summary>
    public PtxArchitecture Target { get; }

    /// <summary>Entry points in order.</summary>
    public IReadOnlyList<PtxEntry> Kernels { get; }

    /// <summary>Module-wide constant and global variables.</summary>
    public IReadOnlyList<PtxVariable> Variables { get; }

    /// <summary>The kernel of that name, or null.</summary>
    public PtxEntry? Find(string name) => Kernels.FirstOrDefault(kernel => kernel.Name == name);
}
