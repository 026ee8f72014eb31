namespace FlamingoGpu.Ptx;

/// <summary>The register files of PTX that device values live in; the order is the order of declaration.</summary>
internal enum RegisterKind
{
    /// <summary><c>.pred %p</c>.</summary>
    Predicate,

    /// <summary><c>.b16 %h</c>: f16 and bf16.</summary>
    Bits16,

    /// <summary><c>.b32 %r</c>: integers, packed pairs, fragments.</summary>
    Bits32,

    /// <summary><c>.b64 %rd</c>: addresses and cache policies.</summary>
    Bits64,

    /// <summary><c>.f32 %f</c>.</summary>
    Float32,
}
