namespace FlamingoGpu.Ptx.Reading;

/// <summary>Leaves one broken statement; the parser reports it and goes on behind the next semicolon.</summary>
internal sealed class PtxSyntaxException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}
