using System.Globalization;

namespace FlamingoGpu.Ptx.Reading;

/// <summary>The registers of one kernel: single names and ranges such as <c>%r&lt;8&gt;</c> (%r0 … %r7).</summary>
internal sealed class RegisterTable
{
    private const int MaximumRange = 1 << 20;

    private readonly Dictionary<string, PtxType> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (PtxType Type, int Count)> _ranges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PtxRegister> _used = new(StringComparer.Ordinal);
    private readonly List<PtxRegister> _inOrder = [];

    public IReadOnlyList<PtxRegister> Used => _inOrder;

    /// <summary>Reads a declaration behind <c>.reg</c>, up to and with its semicolon.</summary>
    public void Declare(TokenCursor cursor)
    {
        var word = cursor.Current.Text;
        var type = word.StartsWith('.') ? PtxTypes.Parse(word[1..]) : PtxType.None;
        if (type is PtxType.None or PtxType.B8 or PtxType.U8 or PtxType.S8
            or PtxType.BF16 or PtxType.BF16x2 or PtxType.F16x2)
        {
            throw cursor.Unexpected("a register type such as .b32 or .pred");
        }

        cursor.Take();
        do
        {
            var line = cursor.Current.Line;
            var name = cursor.TakeName("a register's name");
            var count = -1;
            if (cursor.TryTake("<"))
            {
                count = cursor.TakeCount("the number of registers", MaximumRange);
                cursor.Expect(">");
            }

            Add(name, type, count, line);
        }
        while (cursor.TryTake(","));

        cursor.Expect(";");
    }

    /// <summary>The register of that name, or null when it is not declared.</summary>
    public PtxRegister? Find(string name)
    {
        if (_used.TryGetValue(name, out var register)) return register;
        if (TypeOf(name) is not { } type) return null;
        register = new PtxRegister(name, type, _inOrder.Count);
        _inOrder.Add(register);
        _used.Add(name, register);
        return register;
    }

    private void Add(string name, PtxType type, int count, int line)
    {
        var isTaken = count < 0
            ? TypeOf(name) is not null
            : _ranges.ContainsKey(name) || _names.Keys.Any(other => IndexIn(other, name) is { } index && index < count);
        if (isTaken) throw new PtxSyntaxException(line, $"the register {name} is declared twice.");
        if (count < 0) _names.Add(name, type);
        else _ranges.Add(name, (type, count));
    }

    private PtxType? TypeOf(string name)
    {
        if (_names.TryGetValue(name, out var type)) return type;
        for (var end = name.Length - 1; end > 0 && char.IsAsciiDigit(name[end]); end--)
        {
            if (_ranges.TryGetValue(name[..end], out var range) && IndexIn(name, name[..end]) is { } index
                && index < range.Count)
            {
                return range.Type;
            }
        }

        return null;
    }

    private static int? IndexIn(string name, string prefix)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal)) return null;
        var digits = name.AsSpan(prefix.Length);
        if (digits.Length > 1 && digits[0] == '0') return null;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
    }
}
