using FlamingoGpu.Formats.Json;

namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>Collects added tokens and refuses those that contradict each other or the vocabulary.</summary>
internal sealed class AddedTokenList
{
    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly Dictionary<int, string> _owners;
    private readonly HashSet<string> _contents = new(StringComparer.Ordinal);
    private int _length;

    public AddedTokenList(IReadOnlyDictionary<string, int> vocabulary)
    {
        _vocabulary = vocabulary;
        _owners = vocabulary.ToDictionary(entry => entry.Value, entry => entry.Key);
    }

    public List<AddedToken> Tokens { get; } = [];

    public void Add(JsonPart where, AddedToken token)
    {
        var content = token.Content;
        if (content.Length is 0 or > TokenizerFile.MaximumAddedTokenLength)
        {
            throw where.Error($"an added token of {content.Length} characters; "
                + $"from 1 to {TokenizerFile.MaximumAddedTokenLength} are supported.");
        }

        _length += content.Length;
        if (_length > TokenizerFile.MaximumAddedTokensLength)
        {
            throw where.Error("the added tokens are too long; "
                + $"together they may have {TokenizerFile.MaximumAddedTokensLength:N0} characters.");
        }

        if (!_contents.Add(content)) throw where.Error($"the added token \"{content}\" occurs twice.");
        if (_vocabulary.TryGetValue(content, out var id) && id != token.Id)
            throw where.Error($"the added token \"{content}\" has the id {token.Id}, but the vocabulary says {id}.");
        if (_owners.TryGetValue(token.Id, out var owner) && owner != content)
            throw where.Error($"the added token \"{content}\" has the id {token.Id}, which belongs to \"{owner}\".");
        _owners[token.Id] = content;
        Tokens.Add(token);
    }
}
