namespace FlamingoGpu.Ptx.Reading;

/// <summary>
/// Splits PTX text into tokens and gathers the C# places in comments (<c>// Gemm.cs:120</c>): a note behind code
/// belongs to its line, a note on a line of its own to the lines below it, up to the next note.
/// </summary>
internal sealed class PtxLexer
{
    private readonly string _text;
    private readonly List<PtxToken> _tokens = [];
    private readonly Dictionary<int, string> _lineNotes = [];
    private readonly List<(int Line, string Note)> _standingNotes = [];
    private int _position;
    private int _line = 1;
    private int _lastCodeLine;

    public PtxLexer(string text) => _text = text;

    public PtxError? Error { get; private set; }

    public IReadOnlyList<PtxToken> Tokens => _tokens;

    /// <summary>The C# place that belongs to a line, or null.</summary>
    public string? NoteOf(int line)
    {
        if (_lineNotes.TryGetValue(line, out var note)) return note;
        int low = 0, high = _standingNotes.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_standingNotes[middle].Line <= line) low = middle + 1;
            else high = middle;
        }

        return low == 0 ? null : _standingNotes[low - 1].Note;
    }

    public void Run()
    {
        RefuseBeyondAscii();
        while (Error is null && SkipBlanks()) Next();
        _tokens.Add(new PtxToken(PtxTokenKind.End, "", _line));
    }

    /// <summary>PTX is ASCII, comments included.</summary>
    private void RefuseBeyondAscii()
    {
        var place = _text.AsSpan().IndexOfAnyExceptInRange('\0', '\x7F');
        if (place < 0) return;
        var line = 1 + _text.AsSpan(0, place).Count('\n');
        Error = new PtxError(
            line, $"the character '{_text[place]}' (U+{(int)_text[place]:X4}) is not ASCII, as all of PTX is.",
            null, null, null);
    }

    private static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c is '_' or '$' or '%' or '.';

    private static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '.';

    private char Peek(int ahead) => _position + ahead < _text.Length ? _text[_position + ahead] : '\0';

    private bool SkipBlanks()
    {
        while (_position < _text.Length)
        {
            var c = _text[_position];
            if (c == '\n')
            {
                _line++;
                _position++;
            }
            else if (c is ' ' or '\t' or '\r')
            {
                _position++;
            }
            else if (c == '/' && Peek(1) == '/')
            {
                LineComment();
            }
            else if (c == '/' && Peek(1) == '*')
            {
                if (!BlockComment()) return false;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private void LineComment()
    {
        var end = _text.IndexOf('\n', _position);
        if (end < 0) end = _text.Length;
        if (PlaceIn(_text.AsSpan(_position, end - _position)) is { } place)
        {
            if (_lastCodeLine == _line) _lineNotes[_line] = place;
            else _standingNotes.Add((_line, place));
        }

        _position = end;
    }

    private bool BlockComment()
    {
        var end = _text.IndexOf("*/", _position + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            Error = new PtxError(_line, "the comment opened here is never closed.", null, null, null);
            return false;
        }

        _line += _text.AsSpan(_position, end - _position).Count('\n');
        _position = end + 2;
        return true;
    }

    private static string? PlaceIn(ReadOnlySpan<char> comment)
    {
        var mark = comment.LastIndexOf(".cs:");
        if (mark < 0) return null;
        var start = mark;
        while (start > 0 && !char.IsWhiteSpace(comment[start - 1]) && comment[start - 1] != '/') start--;
        var end = mark + 4;
        while (end < comment.Length && char.IsAsciiDigit(comment[end])) end++;
        return end == mark + 4 || start == mark ? null : comment[start..end].ToString();
    }

    private void Next()
    {
        _lastCodeLine = _line;
        var start = _position;
        var c = _text[start];
        if (IsWordStart(c))
        {
            _position++;
            while (IsWordPart(Peek(0)) || (Peek(0) == ':' && Peek(1) == ':' && char.IsAsciiLetterOrDigit(Peek(2))))
            {
                _position += Peek(0) == ':' ? 2 : 1;
            }

            Add(PtxTokenKind.Word, start);
        }
        else if (char.IsAsciiDigit(c))
        {
            Number(start);
        }
        else if (c == '"')
        {
            var end = _text.IndexOf('"', start + 1);
            if (end < 0) Refuse("the text opened here is never closed.");
            else _position = end + 1;
            if (end >= 0) Add(PtxTokenKind.Text, start);
        }
        else if ("{}[]()<>,;:@!|=+-".Contains(c, StringComparison.Ordinal))
        {
            _position++;
            Add(PtxTokenKind.Symbol, start);
        }
        else
        {
            Refuse($"the character '{c}' (U+{(int)c:X4}) has no place in PTX.");
        }
    }

    private void Number(int start)
    {
        var isPlain = _text[start] != '0' || !char.IsAsciiLetter(Peek(1)) || Peek(1) is 'e' or 'E';
        while (char.IsAsciiLetterOrDigit(Peek(0)) || Peek(0) == '.')
        {
            var isExponent = isPlain && Peek(0) is ('e' or 'E');
            _position++;
            if (isExponent && Peek(0) is ('+' or '-')) _position++;
        }

        Add(PtxTokenKind.Number, start);
    }

    private void Add(PtxTokenKind kind, int start) =>
        _tokens.Add(new PtxToken(kind, _text[start.._position], _line));

    private void Refuse(string message) => Error = new PtxError(_line, message, null, null, NoteOf(_line));
}
