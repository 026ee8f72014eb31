namespace FlamingoGpu.Ptx.Reading;

/// <summary>A declared variable in memory: a kernel parameter, a shared, constant, local or global array.</summary>
public sealed class PtxVariable
{
    internal PtxVariable(string name, PtxSpace space, PtxType type, int alignment, long byteLength, int line)
    {
        Name = name;
        Space = space;
        Type = type;
        Alignment = alignment;
        ByteLength = byteLength;
        Line = line;
    }

    /// <summary>As declared.</summary>
    public string Name { get; }

    /// <summary>Where it lives.</summary>
    public PtxSpace Space { get; }

    /// <summary>Element type.</summary>
    public PtxType Type { get; }

    /// <summary>Alignment in bytes, at least the element's size.</summary>
    public int Alignment { get; }

    /// <summary>Size in bytes; 0 for <c>.extern .shared</c>, whose size is chosen at launch.</summary>
    public long ByteLength { get; }

    /// <summary>Offset from the start of its space: of the parameter block, of the block's shared memory and so
    /// on.</summary>
    public long Offset { get; internal set; }

    /// <summary>True for shared memory sized at launch.</summary>
    public bool IsDynamic => Space == PtxSpace.Shared && ByteLength == 0;

    /// <summary>Initial bytes of constant and global variables; null when there is no initialiser.</summary>
    public byte[]? Initial { get; internal set; }

    /// <summary>Line of the declaration.</summary>
    public int Line { get; }
}
