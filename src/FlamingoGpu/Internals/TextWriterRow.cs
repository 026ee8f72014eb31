using System.Text;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu;

/// <summary>Text of one row as it grows: ids to characters, cut at stop texts.</summary>
internal sealed class TextWriterRow(ITokenizer? tokenizer, GenerationOptions options)
{
    private readonly StreamingDecoder? _decoder = tokenizer is null ? null : new StreamingDecoder(tokenizer, continuation: true);
    private readonly StopTextFilter _filter = new(options.StopTexts);
    private readonly StringBuilder _text = new();

    /// <summary>True once a stop text appeared.</summary>
    public bool Stopped => _filter.Stopped;

    /// <summary>Everything shown so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Takes an id and gives what may be shown now.</summary>
    public string Append(int id) => Keep(_decoder is null ? "" : _filter.Append(_decoder.Append(id).ToString()));

    /// <summary>Ends the text and gives the rest.</summary>
    public string Flush() => Keep(_decoder is null ? "" : _filter.Append(_decoder.Flush().ToString()) + _filter.Flush());

    private string Keep(string text)
    {
        _text.Append(text);
        return text;
    }
}
