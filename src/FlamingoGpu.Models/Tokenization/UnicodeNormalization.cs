using System.Globalization;
using System.Text;
using FlamingoGpu.Formats.Tokenizer;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// The normalization forms of Unicode (UAX #15), from an own table. <c>string.Normalize</c> cannot be used: with
/// invariant globalization, which this product runs with, it returns its input unchanged.
/// </summary>
public static class UnicodeNormalization
{
    private const int HangulBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;
    private const int HangulCount = LeadCount * VowelCount * TailCount;

    private static readonly Lazy<Table> Data = new(Table.Load);

    /// <summary>Rewrites a text in a normalization form.</summary>
    /// <param name="text">Any text; half a surrogate pair becomes U+FFFD.</param>
    /// <param name="form">The form wanted.</param>
    /// <returns>The same instance when the text is certainly in that form already. Cost: O(length).</returns>
    public static string Normalize(string text, UnicodeForm form) => IsPlain(text, form) ? text : Rewrite(text, form);

    /// <summary>
    /// True when no character can change: below these limits nothing decomposes, and nothing combines with what is
    /// before it (the lowest combining mark is U+0300).
    /// </summary>
    internal static bool IsPlain(ReadOnlySpan<char> text, UnicodeForm form)
    {
        var highest = form switch
        {
            UnicodeForm.Nfc => '\u02FF',
            UnicodeForm.Nfd => '\u00BF',
            _ => '\u009F',
        };
        return !text.ContainsAnyExceptInRange('\0', highest);
    }

    private static string Rewrite(string text, UnicodeForm form)
    {
        var table = Data.Value;
        var points = new List<int>(text.Length);
        var compatible = form is UnicodeForm.Nfkc or UnicodeForm.Nfkd;
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, compatible, table, points);
        Reorder(points, table);
        if (form is UnicodeForm.Nfc or UnicodeForm.Nfkc) Compose(points, table);

        var result = new StringBuilder(points.Count);
        Span<char> units = stackalloc char[2];
        foreach (var point in points) result.Append(units[..new Rune(point).EncodeToUtf16(units)]);
        return result.ToString();
    }

    private static void Decompose(int point, bool compatible, Table table, List<int> output)
    {
        var syllable = point - HangulBase;
        if ((uint)syllable < HangulCount)
        {
            output.Add(LeadBase + syllable / (VowelCount * TailCount));
            output.Add(VowelBase + syllable / TailCount % VowelCount);
            if (syllable % TailCount is > 0 and var tail) output.Add(TailBase + tail);
        }
        else if ((compatible && table.Compatible.TryGetValue(point, out var parts))
            || table.Canonical.TryGetValue(point, out parts))
        {
            output.AddRange(parts);
        }
        else
        {
            output.Add(point);
        }
    }

    /// <summary>Sorts every run of marks by combining class; marks of one class keep their order.</summary>
    private static void Reorder(List<int> points, Table table)
    {
        for (var start = 0; start < points.Count; start++)
        {
            if (table.ClassOf(points[start]) == 0) continue;
            var end = start + 1;
            while (end < points.Count && table.ClassOf(points[end]) != 0) end++;
            if (end - start > 1)
            {
                var run = points.GetRange(start, end - start);
                var sorted = run.OrderBy(table.ClassOf).ToArray(); // OrderBy is stable
                for (var i = 0; i < sorted.Length; i++) points[start + i] = sorted[i];
            }

            start = end;
        }
    }

    private static void Compose(List<int> points, Table table)
    {
        var starter = -1;
        var lastClass = 0; // of the last mark kept since the starter; -1 when nothing stands between
        var count = 0;
        foreach (var point in points.ToArray())
        {
            var markClass = table.ClassOf(point);
            if (starter >= 0 && lastClass < markClass && table.TryCompose(points[starter], point, out var composite))
            {
                points[starter] = composite;
                continue;
            }

            if (markClass == 0) starter = count;
            lastClass = markClass == 0 ? -1 : markClass;
            points[count++] = point;
        }

        points.RemoveRange(count, points.Count - count);
    }

    /// <summary>The table of <c>unicode-normalization.txt</c>, whose first lines explain it.</summary>
    private sealed class Table
    {
        private readonly Dictionary<int, byte> _classes = [];
        private readonly Dictionary<(int First, int Second), int> _composites = [];

        public Dictionary<int, int[]> Canonical { get; } = [];

        public Dictionary<int, int[]> Compatible { get; } = [];

        public static Table Load()
        {
            var assembly = typeof(UnicodeNormalization).Assembly;
            using var stream = assembly.GetManifestResourceStream("unicode-normalization.txt")!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var table = new Table();
            var pairs = new Dictionary<int, (int First, int Second)>();
            byte markClass = 0;
            while (reader.ReadLine() is { } line)
            {
                if (line[0] == '#') continue;
                var words = line[2..].Split(' ');
                if (line[0] == 'm')
                {
                    table.AddMarks(words, ++markClass);
                    continue;
                }

                var points = Array.ConvertAll(words, Hex);
                if (line[0] == 'p') pairs.Add(points[0], (points[1], points[2]));
                else (line[0] == 'c' ? table.Canonical : table.Compatible).Add(points[0], points[1..]);
            }

            foreach (var (composite, pair) in pairs)
            {
                table._composites.Add(pair, composite);
                table.Canonical.Add(composite, Expand(composite, pairs));
            }

            return table;
        }

        public byte ClassOf(int point) => _classes.GetValueOrDefault(point);

        public bool TryCompose(int first, int second, out int composite)
        {
            var (lead, vowel) = (first - LeadBase, second - VowelBase);
            if ((uint)lead < LeadCount && (uint)vowel < VowelCount)
            {
                composite = HangulBase + (lead * VowelCount + vowel) * TailCount;
                return true;
            }

            var (syllable, tail) = (first - HangulBase, second - TailBase);
            if ((uint)syllable < HangulCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
            {
                composite = first + tail;
                return true;
            }

            return _composites.TryGetValue((first, second), out composite);
        }

        private static int[] Expand(int point, Dictionary<int, (int First, int Second)> pairs) =>
            pairs.TryGetValue(point, out var pair) ? [.. Expand(pair.First, pairs), pair.Second] : [point];

        private void AddMarks(string[] ranges, byte markClass)
        {
            foreach (var range in ranges)
            {
                var ends = range.Split('-');
                for (var point = Hex(ends[0]); point <= Hex(ends[^1]); point++) _classes.Add(point, markClass);
            }
        }

        private static int Hex(string word) => int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
