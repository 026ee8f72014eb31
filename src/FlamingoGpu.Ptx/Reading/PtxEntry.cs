namespace FlamingoGpu.Ptx.Reading;

/// <summary>One entry point: its parameters, its shared memory and its instructions, all checked.</summary>
public sealed class PtxEntry
{
    internal PtxEntry(string name, int line)
    {
        Name = name;
        Line = line;
    }

    /// <summary>Entry name.</summary>
    public string Name { get; }

    /// <summary>Line of the <c>.entry</c>.</summary>
    public int Line { get; }

    /// <summary>Parameters in order, with their offsets in the parameter block.</summary>
    public IReadOnlyList<PtxVariable> Parameters { get; internal set; } = [];

    /// <summary>Bytes of the parameter block.</summary>
    public int ParameterByteLength { get; internal set; }

    /// <summary>Shared variables with a fixed size, module-wide ones that the kernel uses included.</summary>
    public IReadOnlyList<PtxVariable> SharedVariables { get; internal set; } = [];

    /// <summary>Bytes of shared memory with a fixed size; dynamic shared memory starts here.</summary>
    public int StaticSharedByteLength { get; internal set; }

    /// <summary>True when the kernel uses <c>.extern .shared</c> memory.</summary>
    public bool UsesDynamicShared { get; internal set; }

    /// <summary>Bytes of local memory for each thread.</summary>
    public int LocalByteLength { get; internal set; }

    /// <summary>Registers in use, by <see cref="PtxRegister.Index"/>.</summary>
    public IReadOnlyList<PtxRegister> Registers { get; internal set; } = [];

    /// <summary>The body.</summary>
    public IReadOnlyList<PtxInstruction> Instructions { get; internal set; } = [];

    /// <summary><c>.maxntid</c> as x, y, z; empty when absent.</summary>
    public IReadOnlyList<int> MaxThreads { get; internal set; } = [];

    /// <summary><c>.reqntid</c> as x, y, z; empty when absent.</summary>
    public IReadOnlyList<int> RequiredThreads { get; internal set; } = [];

    /// <summary><c>.minnctapersm</c>, 0 when absent.</summary>
    public int MinBlocksPerMultiprocessor { get; internal set; }
}
