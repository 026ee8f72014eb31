using System.Globalization;

namespace FlamingoGpu.Ptx.Reading;

/// <summary>Walks over the tokens of one text and collects what is wrong with it.</summary>
internal sealed class TokenCursor(PtxLexer lexer)
{
    private const int MaximumErrors = 40;

    private readonly IReadOnlyList<PtxToken> _tokens = lexer.Tokens;
    private readonly List<PtxError> _errors = [];
    private int _position;

    public IReadOnlyList<PtxError> Errors => _errors;

    public bool IsTooBroken => _errors.Count >= MaximumErrors;

    public PtxToken Current => _tokens[_position];

    public PtxToken Following => _tokens[Math.Min(_position + 1, _tokens.Count - 1)];

    public bool AtEnd => Current.Kind == PtxTokenKind.End;

    /// <summary>Name of the kernel being read, for messages.</summary>
    public string? Kernel { get; set; }

    public string? NoteOf(int line) => lexer.NoteOf(line);

    public PtxToken Take()
    {
        var token = Current;
        if (!AtEnd) _position++;
        return token;
    }

    public bool TryTake(string text)
    {
        if (!Current.Is(text)) return false;
        _position++;
        return true;
    }

    public void Expect(string text)
    {
        if (!TryTake(text)) throw Unexpected($"'{text}'");
    }

    public string TakeName(string what)
    {
        if (Current.Kind != PtxTokenKind.Word || Current.Text[0] == '.'
            || Current.Text.Contains('.', StringComparison.Ordinal))
        {
            throw Unexpected(what);
        }

        return Take().Text;
    }

    public int TakeCount(string what, int most)
    {
        if (Current.Kind != PtxTokenKind.Number || Literals.Integer(Current.Text) is not { } value)
        {
            throw Unexpected(what);
        }
        if (value > (ulong)most)
        {
            throw new PtxSyntaxException(
                Current.Line, $"{what} is {value}, at most {most.ToString(CultureInfo.InvariantCulture)} is allowed.");
        }

        _position++;
        return (int)value;
    }

    public PtxSyntaxException Unexpected(string expected) =>
        new(Current.Line, AtEnd ? $"the text ends where {expected} was expected."
            : $"expected {expected}, found '{Current.Text}'.");

    public void Report(int line, string message, string? instruction = null)
    {
        if (!IsTooBroken) _errors.Add(new PtxError(line, message, Kernel, instruction, NoteOf(line)));
    }

    /// <summary>Skips to behind the next semicolon, or to a closing brace.</summary>
    public void SkipStatement()
    {
        var depth = 0;
        while (!AtEnd)
        {
            if (Current.Is("{")) depth++;
            if (Current.Is("}") && --depth < 0) return;
            var token = Take();
            if (depth == 0 && (token.Is(";") || token.Is("}"))) return;
        }
    }
}
