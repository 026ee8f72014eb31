using System.Text;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// Turns ids into text one by one, as a model produces them. A character whose bytes are spread over several tokens is
/// held back until it is whole, so the texts handed out, joined, equal <see cref="ITokenizer.Decode"/> of all ids.
/// </summary>
/// <remarks>For one text and one thread. Allocates nothing while the bytes are valid UTF-8.</remarks>
public sealed class StreamingDecoder
{
    private readonly ITokenizer _tokenizer;
    private readonly bool _skipSpecial;
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
    private char[] _units = new char[64];
    private int _spacesToDrop;

    /// <summary>Starts a text.</summary>
    /// <param name="tokenizer">Knows the bytes of each id.</param>
    /// <param name="skipSpecial">Leaves control tokens out.</param>
    /// <param name="continuation">The text goes on from a prompt, so a space at its start is meant and stays.</param>
    public StreamingDecoder(ITokenizer tokenizer, bool skipSpecial = true, bool continuation = false)
    {
        _tokenizer = tokenizer;
        _skipSpecial = skipSpecial;
        _spacesToDrop = continuation ? 0 : tokenizer.LeadingSpacesDropped;
    }

    /// <summary>Takes the next id.</summary>
    /// <returns>
    /// The characters that are complete now; often none, never half of a surrogate pair. Valid until the next call.
    /// </returns>
    public ReadOnlySpan<char> Append(int id) =>
        _skipSpecial && _tokenizer.IsSpecial(id) ? [] : Convert(_tokenizer.BytesOf(id), flush: false);

    /// <summary>Ends the text.</summary>
    /// <returns>U+FFFD when the last character never became complete, else nothing.</returns>
    public ReadOnlySpan<char> Flush() => Convert([], flush: true);

    private ReadOnlySpan<char> Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        var needed = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (_units.Length < needed) _units = new char[needed];
        var text = _units.AsSpan(0, _utf8.GetChars(bytes, _units, flush));
        if (_spacesToDrop == 0 || text.IsEmpty) return text;
        var spaces = 0;
        while (spaces < _spacesToDrop && spaces < text.Length && text[spaces] == ' ') spaces++;
        _spacesToDrop = spaces == text.Length ? _spacesToDrop - spaces : 0;
        return text[spaces..];
    }
}
