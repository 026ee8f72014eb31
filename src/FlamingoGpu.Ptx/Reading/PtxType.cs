namespace FlamingoGpu.Ptx.Reading;

/// <summary>A fundamental or packed type of PTX, as written after a dot in an instruction or declaration.</summary>
public enum PtxType
{
    /// <summary>No type: the instruction has none.</summary>
    None,

    /// <summary>One truth value per thread.</summary>
    Pred,

    /// <summary>8 untyped bits; memory only.</summary>
    B8,

    /// <summary>Unsigned 8-bit integer; memory and conversions only.</summary>
    U8,

    /// <summary>Signed 8-bit integer; memory and conversions only.</summary>
    S8,

    /// <summary>16 untyped bits.</summary>
    B16,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>Signed 16-bit integer.</summary>
    S16,

    /// <summary>IEEE half.</summary>
    F16,

    /// <summary>The upper half of an <see cref="F32"/>; lives in <see cref="B16"/> registers.</summary>
    BF16,

    /// <summary>32 untyped bits.</summary>
    B32,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>Signed 32-bit integer.</summary>
    S32,

    /// <summary>IEEE single.</summary>
    F32,

    /// <summary>Two halves in one <see cref="B32"/> register, the first in the lower bits.</summary>
    F16x2,

    /// <summary>Two bfloat16 in one <see cref="B32"/> register, the first in the lower bits.</summary>
    BF16x2,

    /// <summary>64 untyped bits.</summary>
    B64,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,

    /// <summary>Signed 64-bit integer.</summary>
    S64,

    /// <summary>IEEE double.</summary>
    F64,
}
