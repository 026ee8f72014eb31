namespace FlamingoGpu.Ptx;

/// <summary>A virtual register. It gets its number when the text is written, in order of first appearance.</summary>
internal sealed class Register(RegisterKind kind, Scope scope)
{
    /// <summary>The file it belongs to.</summary>
    public RegisterKind Kind { get; } = kind;

    /// <summary>The block of device code it was defined in; it may be read there and further inside only.</summary>
    public Scope Scope { get; } = scope;

    /// <summary>The number in its file, -1 before numbering.</summary>
    public int Number { get; set; } = -1;

    /// <summary>How many 32-bit registers of the machine it takes; predicates are a file of their own.</summary>
    public int Words => Kind switch { RegisterKind.Predicate => 0, RegisterKind.Bits64 => 2, _ => 1 };

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        RegisterKind.Predicate => $"%p{Number}",
        RegisterKind.Bits16 => $"%h{Number}",
        RegisterKind.Bits32 => $"%r{Number}",
        RegisterKind.Bits64 => $"%rd{Number}",
        _ => $"%f{Number}",
    };
}
