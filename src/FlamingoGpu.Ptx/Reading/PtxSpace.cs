namespace FlamingoGpu.Ptx.Reading;

/// <summary>The state space an address belongs to.</summary>
public enum PtxSpace
{
    /// <summary>None named: a generic address, resolved when the instruction runs.</summary>
    Generic,

    /// <summary>Device memory, visible to the whole grid.</summary>
    Global,

    /// <summary>Memory of one block.</summary>
    Shared,

    /// <summary>Kernel parameters.</summary>
    Param,

    /// <summary>Read-only memory initialised by the module.</summary>
    Const,

    /// <summary>Memory of one thread.</summary>
    Local,
}
