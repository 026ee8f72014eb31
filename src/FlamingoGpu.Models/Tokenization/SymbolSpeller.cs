using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Tokenizer;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// Spells a piece of text as the symbols that merging starts from: one token for each byte in a byte-level model, one
/// for each character otherwise.
/// </summary>
internal sealed class SymbolSpeller
{
    private const int Missing = -1;

    private readonly bool _byteLevel;
    private readonly BpeModelData _model;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _vocabulary;
    private readonly int[] _byteIds = new int[256];
    private readonly string _location;

    public SymbolSpeller(TokenizerFile file)
    {
        _byteLevel = file.IsByteLevel;
        _model = file.Model;
        _location = file.Location;
        _vocabulary = new Dictionary<string, int>(_model.Vocabulary, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        for (var value = 0; value < 256; value++)
        {
            var name = _byteLevel ? ByteAlphabet.CharOf((byte)value).ToString() : TokenBytes.FallbackName((byte)value);
            var known = _byteLevel || _model.ByteFallback;
            _byteIds[value] = known && _model.Vocabulary.TryGetValue(name, out var id) ? id : Missing;
        }
    }

    /// <summary>The id of a whole piece that is a token by itself.</summary>
    public bool TryWhole(ReadOnlySpan<char> piece, out int id)
    {
        if (!_byteLevel) return _vocabulary.TryGetValue(piece, out id);
        var utf8 = new byte[Encoding.UTF8.GetByteCount(piece)];
        Encoding.UTF8.GetBytes(piece, utf8);
        return _vocabulary.TryGetValue(ByteAlphabet.Write(utf8), out id);
    }

    /// <summary>Appends the starting symbols of a piece.</summary>
    /// <exception cref="InvalidRequestException">A character that no token and no unknown token stands for.</exception>
    public void Spell(ReadOnlySpan<char> piece, List<int> symbols)
    {
        var afterUnknown = false;
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < piece.Length;)
        {
            Rune.DecodeFromUtf16(piece[i..], out var rune, out var consumed);
            var character = piece.Slice(i, consumed);
            i += consumed;
            var bytes = utf8[..rune.EncodeToUtf8(utf8)];
            if (!_byteLevel && _vocabulary.TryGetValue(character, out var id))
            {
                symbols.Add(id);
                afterUnknown = false;
            }
            else if (_byteLevel)
            {
                foreach (var value in bytes) AddByteOrUnknown(_byteIds[value], rune, symbols, ref afterUnknown);
            }
            else if (CanSpell(bytes))
            {
                foreach (var value in bytes) symbols.Add(_byteIds[value]);
                afterUnknown = false;
            }
            else
            {
                AddByteOrUnknown(Missing, rune, symbols, ref afterUnknown);
            }
        }
    }

    private bool CanSpell(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (_byteIds[value] == Missing) return false;
        }

        return true;
    }

    private void AddByteOrUnknown(int id, Rune rune, List<int> symbols, ref bool afterUnknown)
    {
        if (id != Missing)
        {
            symbols.Add(id);
            afterUnknown = false;
            return;
        }

        var unknown = _model.UnknownId ?? throw new InvalidRequestException(
            $"The tokenizer {_location} has no token for U+{rune.Value:X4}, no byte fallback and no unk_token; "
            + "leave the character out, or use another tokenizer.");
        if (!afterUnknown || !_model.FuseUnknown) symbols.Add(unknown);
        afterUnknown = true;
    }
}
