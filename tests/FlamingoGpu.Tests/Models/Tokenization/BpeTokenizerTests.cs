using System.Text;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Tests.Models.Tokenization;

public class BpeTokenizerTests
{
    private static BpeTokenizer Tokenizer => TokenizerGoldens.Shipped;

    [Fact]
    public void Decode_OfEncodedText_IsTheTextInNfc() => Prop.ForAll(AnyText.WellFormed, text =>
    {
        var expected = UnicodeNormalization.Normalize(text, UnicodeForm.Nfc);
        return expected == Tokenizer.Decode(Tokenizer.Encode(text), skipSpecial: false);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_SpecialLiteralsInUserText_GivesNoSpecialId() => Prop.ForAll(AnyText.Utf16, text =>
        !Array.Exists(Tokenizer.Encode(text), Tokenizer.IsSpecial)).QuickCheckThrowOnFailure();

    [Fact]
    public void EncodeUtf8_AnyBytes_IsEncodeOfTheReplacedText() => Prop.ForAll<byte[]>(bytes =>
        Tokenizer.EncodeUtf8(bytes).SequenceEqual(Tokenizer.Encode(Encoding.UTF8.GetString(bytes))))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_HalfASurrogatePair_CountsAsReplacementCharacter()
    {
        Assert.Equal(Tokenizer.Encode("a\uFFFDb"), Tokenizer.Encode("a\uD83Db"));
        Assert.Equal("a\uFFFDb", Tokenizer.Decode(Tokenizer.Encode("a\uDE00b")));
    }

    [Theory]
    [InlineData("<image>", true, 1)]
    [InlineData("<image>", false, 3)]
    [InlineData("<|endofchunk|><image>", true, 2)]
    public void Encode_SpecialLiteral_IsOneIdOnlyWhenParsed(string text, bool parseSpecial, int atLeast)
    {
        var ids = Tokenizer.Encode(text, parseSpecial);
        Assert.True(parseSpecial ? ids.Length == atLeast : ids.Length >= atLeast);
        Assert.Equal(parseSpecial, Array.Exists(ids, Tokenizer.IsSpecial));
    }

    [Fact]
    public void Encode_RunsOfSpaces_UseTheSpaceTokensUpTo24()
    {
        for (var length = 2; length <= 24; length++)
            Assert.Equal([Tokenizer.RequireId(new string(' ', length))], Tokenizer.Encode(new string(' ', length)));
        Assert.Equal(
            [Tokenizer.RequireId(new string(' ', 24)), Tokenizer.RequireId(new string(' ', 7))],
            Tokenizer.Encode(new string(' ', 31)));
    }

    [Fact]
    public void Encode_OneWordOfAMillionLetters_EndsAndComesBack()
    {
        // A merge loop that scans the whole word for each merge would need 10^12 steps here.
        var word = string.Concat(Enumerable.Repeat("circle", 170_000));
        Assert.Equal(word, Tokenizer.Decode(Tokenizer.Encode(word)));
    }

    [Fact]
    public void Encode_AMillionCombiningMarks_EndsAndComesBackSorted()
    {
        var marks = string.Concat(Enumerable.Repeat("\u0301\u0323", 100_000));
        var sorted = new string('\u0323', 100_000) + new string('\u0301', 100_000);
        Assert.Equal("q" + sorted, Tokenizer.Decode(Tokenizer.Encode("q" + marks)));
    }

    [Fact]
    public void Encode_FromManyThreads_GivesTheSameIds()
    {
        var texts = Enumerable.Range(0, 400)
            .Select(i => $"A large word{i % 37} and {i} shapes, naïve {i * 7919}").ToArray();
        var fresh = BpeTokenizer.Load(TokenizerGoldens.ShippedPath);
        var expected = texts.Select(text => Tokenizer.Encode(text)).ToArray();
        var found = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => found[i] = fresh.Encode(texts[i]));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Decode_UnknownId_AddsNothing() =>
        Assert.Equal("a", Tokenizer.Decode([Tokenizer.VocabularySize + 5, Tokenizer.RequireId("a"), -1]));

    [Fact]
    public void Decode_SpecialIds_AreLeftOutOnlyWhenAsked()
    {
        int[] ids = [Tokenizer.RequireId("<image>"), Tokenizer.RequireId("a"), Tokenizer.RequireId("<|endofchunk|>")];
        Assert.Equal("a", Tokenizer.Decode(ids));
        Assert.Equal("<image>a<|endofchunk|>", Tokenizer.Decode(ids, skipSpecial: false));
    }

    [Fact]
    public void Encode_FromGpt2Files_EqualsTokenizerJsonWithoutItsAddedTokens()
    {
        var json = TokenizerFile.Load(TokenizerGoldens.ShippedPath);
        using var folder = new TokenizerFolder(json);
        var fromFiles = BpeTokenizer.Load(folder.Path);
        var reference = new BpeTokenizer(json with
        {
            Normalizer = [],
            AddedTokens = [.. json.AddedTokens.Where(token => token.Content is "<|endoftext|>" or "<image>")],
        });
        foreach (var text in (string[])["A large circle", "e\u0301 <image> <|endoftext|>  x", "<|padding|>\n\n日本"])
        {
            Assert.Equal(reference.Encode(text, parseSpecial: true), fromFiles.Encode(text, parseSpecial: true));
            Assert.Equal(reference.Encode(text), fromFiles.Encode(text));
        }

        Assert.Equal([reference.RequireId("<|endoftext|>")], fromFiles.PrefixIds);
        Assert.True(fromFiles.IsSpecial(reference.RequireId("<image>")));
    }
}
