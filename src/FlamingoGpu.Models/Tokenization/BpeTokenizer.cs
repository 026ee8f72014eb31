using System.Collections.Concurrent;
using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Tokenizer;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// Byte pair encoding as tokenizer files describe it: byte-level (GPT-2, OPT, GPT-NeoX) and over characters with a
/// fallback to bytes (LLaMA). The way of a text: literals of raw added tokens are cut out; each stretch between them is
/// normalised; literals of the other added tokens are cut out; what is left is cut into pieces, and each piece is
/// merged.
/// </summary>
/// <remarks>Immutable and safe from several threads, but for a bounded cache of short pieces.</remarks>
public sealed class BpeTokenizer : ITokenizer
{
    /// <summary>
    /// Words repeat, so most pieces are found here. Longer pieces are rare and not worth their memory.
    /// </summary>
    private const int CachedPieceLength = 48;
    private const int CacheCapacity = 16_384;

    private readonly IReadOnlyList<PreTokenizerStep> _cuts;
    private readonly bool _ignoreMerges;
    private readonly NormalizerChain _normalizer;
    private readonly SymbolSpeller _speller;
    private readonly BpeMerger _merger;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<int, string> _tokens;
    private readonly Dictionary<int, byte[]> _bytes;
    private readonly HashSet<int> _special;
    private readonly AddedTokenMatcher[] _raw; // [not special only, all]
    private readonly AddedTokenMatcher[] _normalized; // [not special only, all]
    private readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    private int _cached;

    /// <summary>Makes a tokenizer from a file's content; O(vocabulary).</summary>
    public BpeTokenizer(TokenizerFile file)
    {
        _cuts = file.PreTokenizer;
        _ignoreMerges = file.Model.IgnoreMerges;
        _normalizer = new NormalizerChain(file.Normalizer);
        _speller = new SymbolSpeller(file);
        _merger = new BpeMerger(file.Model.Merges);
        _bytes = TokenBytes.Make(file);
        _ids = new Dictionary<string, int>(file.Model.Vocabulary, StringComparer.Ordinal);
        foreach (var token in file.AddedTokens) _ids[token.Content] = token.Id;
        _tokens = _ids.ToDictionary(entry => entry.Value, entry => entry.Key);
        _special = [.. file.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
        _raw = MakeMatchers(file.AddedTokens.Where(token => !token.Normalized), literal => literal);
        _normalized = MakeMatchers(file.AddedTokens.Where(token => token.Normalized), _normalizer.Run);
        VocabularySize = _ids.Values.Max() + 1;
        PrefixIds = file.PrefixIds;
        SuffixIds = file.SuffixIds;
        LeadingSpacesDropped = file.Decoder.OfType<DecoderStep.StripLeadingSpaces>().Sum(step => step.Count);
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> PrefixIds { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> SuffixIds { get; }

    /// <inheritdoc/>
    public int LeadingSpacesDropped { get; }

    /// <summary>Reads a tokenizer from a file or a model folder.</summary>
    /// <param name="path">As for <see cref="TokenizerFile.Load"/>.</param>
    /// <exception cref="InvalidFileException">Missing, damaged or not supported.</exception>
    public static BpeTokenizer Load(string path) => new(TokenizerFile.Load(path));

    /// <inheritdoc/>
    public int? IdOf(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    /// <inheritdoc/>
    public string? TokenOf(int id) => _tokens.GetValueOrDefault(id);

    /// <inheritdoc/>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesOf(int id) => _bytes.GetValueOrDefault(id);

    /// <inheritdoc/>
    public int[] Encode(ReadOnlySpan<char> text, bool parseSpecial = false, bool continuation = false)
    {
        if (text.ContainsAnyInRange('\uD800', '\uDFFF')) text = ReplaceLoneSurrogates(text);
        var ids = new List<int>(text.Length / 3 + 4);
        var matcher = _raw[parseSpecial ? 1 : 0];
        for (var from = 0; from < text.Length;)
        {
            var token = matcher.Find(text, from, out var start, out var end);
            if (start > from) EncodeStretch(text[from..start], parseSpecial, from == 0 && !continuation, ids);
            if (token is not null) ids.Add(token.Id);
            from = end;
        }

        return [.. ids];
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = true)
    {
        using var bytes = new MemoryStream();
        foreach (var id in ids)
        {
            if (!skipSpecial || !IsSpecial(id)) bytes.Write(BytesOf(id));
        }

        var text = Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        var dropped = 0;
        while (dropped < LeadingSpacesDropped && dropped < text.Length && text[dropped] == ' ') dropped++;
        return text[dropped..];
    }

    private static AddedTokenMatcher[] MakeMatchers(IEnumerable<AddedToken> tokens, Func<string, string> literalOf)
    {
        var pairs = tokens.Select(token => (Token: token, Literal: literalOf(token.Content))).ToArray();
        return [new(pairs.Where(pair => !pair.Token.Special)), new(pairs)];
    }

    private static string ReplaceLoneSurrogates(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes()) result.Append(units[..rune.EncodeToUtf16(units)]);
        return result.ToString();
    }

    private void EncodeStretch(ReadOnlySpan<char> stretch, bool parseSpecial, bool atStart, List<int> ids)
    {
        if (!_normalizer.LeavesAlone(stretch)) stretch = _normalizer.Run(stretch.ToString());
        var matcher = _normalized[parseSpecial ? 1 : 0];
        for (var from = 0; from < stretch.Length;)
        {
            var token = matcher.Find(stretch, from, out var start, out var end);
            if (start > from) Cut(stretch[from..start], 0, atStart && from == 0, ids);
            if (token is not null) ids.Add(token.Id);
            from = end;
        }
    }

    /// <summary>
    /// Applies the cutting steps from <paramref name="step"/> on; what no step is left for is one piece.
    /// </summary>
    private void Cut(ReadOnlySpan<char> text, int step, bool atStart, List<int> ids)
    {
        if (step == _cuts.Count)
        {
            EncodePiece(text, ids);
            return;
        }

        switch (_cuts[step])
        {
            case PreTokenizerStep.ByteLevel(var addSpace, var byPattern):
                if (addSpace && text[0] != ' ') text = string.Concat(" ", text);
                if (byPattern) CutEach(text, Gpt2Pattern.FirstPiece, step, atStart, ids);
                else Cut(text, step + 1, atStart, ids);
                break;
            case PreTokenizerStep.Gpt2Split:
                CutEach(text, Gpt2Pattern.FirstPiece, step, atStart, ids);
                break;
            case PreTokenizerStep.Digits(var individual):
                CutEach(text, rest => DigitPiece(rest, individual), step, atStart, ids);
                break;
            case PreTokenizerStep.Metaspace(var sign, var prefix, var cut):
                var marked = text.ToString().Replace(" ", sign, StringComparison.Ordinal);
                var wanted = prefix == MetaspacePrefix.Always || (prefix == MetaspacePrefix.First && atStart);
                if (wanted && !marked.StartsWith(sign, StringComparison.Ordinal)) marked = sign + marked;
                if (cut) CutEach(marked, rest => SignedPiece(rest, sign), step, atStart, ids);
                else Cut(marked, step + 1, atStart, ids);
                break;
        }
    }

    private delegate int FirstPiece(ReadOnlySpan<char> text);

    private void CutEach(ReadOnlySpan<char> text, FirstPiece firstPiece, int step, bool atStart, List<int> ids)
    {
        for (var from = 0; from < text.Length;)
        {
            var length = firstPiece(text[from..]);
            Cut(text.Slice(from, length), step + 1, atStart && from == 0, ids);
            from += length;
        }
    }

    /// <summary>A digit, a run of digits, or everything up to the next digit. Digit: any number category.</summary>
    private static int DigitPiece(ReadOnlySpan<char> text, bool individual)
    {
        var first = Rune.DecodeFromUtf16(text, out var rune, out var length) == default && Rune.IsNumber(rune);
        if (first && individual) return length;
        while (length < text.Length)
        {
            Rune.DecodeFromUtf16(text[length..], out rune, out var consumed);
            if (Rune.IsNumber(rune) != first) break;
            length += consumed;
        }

        return length;
    }

    /// <summary>Everything up to the next sign that starts a word.</summary>
    private static int SignedPiece(ReadOnlySpan<char> text, string sign)
    {
        var skip = text.StartsWith(sign) ? sign.Length : 0;
        var next = text[skip..].IndexOf(sign);
        return next < 0 ? text.Length : skip + next;
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (piece.Length > CachedPieceLength)
        {
            ids.AddRange(MergePiece(piece));
            return;
        }

        var cache = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!cache.TryGetValue(piece, out var symbols))
        {
            symbols = MergePiece(piece).ToArray();
            if (Volatile.Read(ref _cached) < CacheCapacity && cache.TryAdd(piece, symbols))
                Interlocked.Increment(ref _cached);
        }

        ids.AddRange(symbols);
    }

    private ReadOnlySpan<int> MergePiece(ReadOnlySpan<char> piece)
    {
        if (_ignoreMerges && _speller.TryWhole(piece, out var whole)) return new[] { whole };
        var spelt = new List<int>(piece.Length);
        _speller.Spell(piece, spelt);
        var symbols = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(spelt);
        return symbols[.._merger.Merge(symbols)];
    }
}
