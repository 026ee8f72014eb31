namespace FlamingoGpu.Ptx.Reading;

internal enum PtxTokenKind
{
    Word,
    Number,
    Symbol,
    Text,
    End,
}

/// <summary>A word (identifiers, opcodes and directives, with their dots), a number, a quoted text or one
/// symbol.</summary>
internal readonly record struct PtxToken(PtxTokenKind Kind, string Text, int Line)
{
    public bool Is(string text) => Kind is PtxTokenKind.Word or PtxTokenKind.Symbol && Text == text;
}
