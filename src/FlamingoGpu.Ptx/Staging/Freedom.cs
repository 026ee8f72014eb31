namespace FlamingoGpu.Ptx;

/// <summary>What the cleanup before writing may do with an instruction.</summary>
[Flags]
internal enum Freedom
{
    /// <summary>Memory, synchronisation, control: stays as written.</summary>
    None = 0,

    /// <summary>Has no effect but its result, so it goes when nobody reads that.</summary>
    Pure = 1,

    /// <summary>
    /// A variable read as a value: the reader may read the variable itself if nothing changes it first.
    /// </summary>
    Snapshot = 2,

    /// <summary>A value given to a variable: its producer may write the variable directly.</summary>
    Assignment = 4,

    /// <summary>A float product or sum from an operator: the pair may become one fused multiply-add.</summary>
    Contract = 8,
}
