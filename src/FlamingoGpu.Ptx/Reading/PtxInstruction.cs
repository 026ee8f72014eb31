namespace FlamingoGpu.Ptx.Reading;

/// <summary>One instruction that matched a legal form.</summary>
public sealed class PtxInstruction
{
    internal PtxInstruction(string opcode, string[] modifiers, PtxOperand[] operands, int line, string? source)
    {
        Opcode = opcode;
        Modifiers = modifiers;
        Operands = operands;
        Line = line;
        Source = source;
    }

    /// <summary>The word before the first dot.</summary>
    public string Opcode { get; }

    /// <summary>Everything after it, split at dots, in order.</summary>
    public IReadOnlyList<string> Modifiers { get; }

    /// <summary>Destination first, as written.</summary>
    public IReadOnlyList<PtxOperand> Operands { get; }

    /// <summary>The instruction's main type.</summary>
    public PtxType Type { get; internal set; }

    /// <summary>The source type of a conversion, the second element type of a matrix product.</summary>
    public PtxType SourceType { get; internal set; }

    /// <summary>State space of a memory instruction.</summary>
    public PtxSpace Space { get; internal set; }

    /// <summary>How many leading operands are written by the instruction.</summary>
    public int DestinationCount { get; internal set; }

    /// <summary>True when what is written is read first, as accumulators of <c>wgmma</c> are.</summary>
    public bool ReadsDestination { get; internal set; }

    /// <summary>Predicate that must hold for a thread to execute, or null.</summary>
    public PtxRegister? Guard { get; internal set; }

    /// <summary>True for <c>@!p</c>.</summary>
    public bool GuardNegated { get; internal set; }

    /// <summary>Line in the PTX text, from 1.</summary>
    public int Line { get; }

    /// <summary>The C# place noted in a comment, such as <c>Gemm.cs:120</c>, or null.</summary>
    public string? Source { get; }

    /// <summary>Opcode and modifiers as written, such as <c>ld.global.v4.b32</c>.</summary>
    public string Form => Modifiers.Count == 0 ? Opcode : $"{Opcode}.{string.Join('.', Modifiers)}";

    /// <summary>True when <paramref name="modifier"/> is among the modifiers.</summary>
    public bool Has(string modifier)
    {
        foreach (var own in Modifiers)
        {
            if (own == modifier) return true;
        }

        return false;
    }

    /// <summary>The form and its source place, for messages.</summary>
    public override string ToString() => Source is null ? $"{Form} (line {Line})" : $"{Form} (line {Line}, {Source})";
}
