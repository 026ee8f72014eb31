namespace FlamingoGpu.Ptx;

/// <summary>One line of the kernel: an operation, a branch, or a label.</summary>
internal sealed class Instruction
{
    /// <summary>Opcode with all its modifiers; null for a label.</summary>
    public string? Mnemonic { get; set; }

    /// <summary>The operand positions, destinations first.</summary>
    public Slot[] Slots { get; set; } = [];

    /// <summary>The target of a branch, or the label that stands here.</summary>
    public Label? Label { get; init; }

    /// <summary>The predicate the instruction is guarded by.</summary>
    public Operand Guard { get; set; }

    /// <summary>Whether the guard is negated (<c>@!%p</c>).</summary>
    public bool GuardIsNegated { get; init; }

    /// <summary>The C# line.</summary>
    public Site Site { get; set; }

    /// <summary>What the cleanup may do with it.</summary>
    public Freedom Freedom { get; set; }

    /// <summary>Whether it stands only in the text for dependent launches.</summary>
    public bool IsForDependentLaunch { get; init; }

    /// <summary>Whether this is the place a label stands at.</summary>
    public bool IsLabel => Mnemonic is null;

    /// <summary>Whether control may leave here, so that a block of straight-line code ends.</summary>
    public bool EndsBlock => IsLabel || Label is not null;

    /// <summary>The registers written.</summary>
    public IEnumerable<Register> Written()
    {
        foreach (var slot in Slots)
            if (slot.IsWritten)
                foreach (var value in slot.Values)
                    if (value.Register is { } register) yield return register;
    }

    /// <summary>The registers read, the guard among them; one that occurs twice comes twice.</summary>
    public IEnumerable<Register> Read()
    {
        if (Guard.Register is { } guard) yield return guard;
        foreach (var slot in Slots)
            if (slot.IsRead)
                foreach (var value in slot.Values)
                    if (value.Register is { } register) yield return register;
    }

    /// <summary>Puts <paramref name="replacement"/> where <paramref name="register"/> is read.</summary>
    public void ReplaceRead(Register register, Operand replacement)
    {
        if (Guard.Register == register) Guard = replacement;
        foreach (var slot in Slots)
            if (!slot.IsWritten) Replace(slot, register, replacement);
    }

    /// <summary>Puts <paramref name="replacement"/> where <paramref name="register"/> is written.</summary>
    public void ReplaceWritten(Register register, Operand replacement)
    {
        foreach (var slot in Slots)
            if (slot.IsWritten) Replace(slot, register, replacement);
    }

    private static void Replace(Slot slot, Register register, Operand replacement)
    {
        for (var i = 0; i < slot.Values.Length; i++)
            if (slot.Values[i].Register == register) slot.Values[i] = replacement;
    }
}
