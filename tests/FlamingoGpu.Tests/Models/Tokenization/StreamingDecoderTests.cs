using System.Text;
using System.Text.Json.Nodes;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Tests.Models.Tokenization;

public class StreamingDecoderTests
{
    private static BpeTokenizer Tokenizer => TokenizerGoldens.Shipped;

    [Fact]
    public void Append_IdsOfAnyText_JoinsToTheBatchDecoding() => Prop.ForAll(AnyText.Utf16, text =>
        Stream(Tokenizer, Tokenizer.Encode(text, parseSpecial: true), out _) == Tokenizer.Decode(
            Tokenizer.Encode(text, parseSpecial: true))).QuickCheckThrowOnFailure();

    [Fact]
    public void Append_AnyIds_JoinsToTheBatchDecodingAndCutsNoCharacter()
    {
        var bytes = Gen.Choose(2, 257); // single bytes: mostly broken sequences
        var any = Gen.Choose(-3, Tokenizer.VocabularySize + 3);
        Prop.ForAll(Gen.ArrayOf(Gen.OneOf(bytes, any)).ToArbitrary(), ids =>
        {
            var joined = Stream(Tokenizer, ids, out var texts);
            return joined == Tokenizer.Decode(ids) && texts.TrueForAll(IsWellFormed);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Append_EmojiSpreadOverTokens_IsHeldBackUntilWhole()
    {
        var decoder = new StreamingDecoder(Tokenizer);
        var texts = Tokenizer.Encode("😀").Select(id => decoder.Append(id).ToString()).ToArray();
        Assert.Equal(["", "", "", "😀"], texts);
        Assert.Equal("", decoder.Flush().ToString());
    }

    [Fact]
    public void Flush_AfterHalfACharacter_GivesOneReplacementCharacter()
    {
        var decoder = new StreamingDecoder(Tokenizer);
        foreach (var id in Tokenizer.Encode("😀")[..3]) Assert.Equal("", decoder.Append(id).ToString());
        Assert.Equal("\uFFFD", decoder.Flush().ToString());
    }

    [Fact]
    public void Append_LlamaStyle_DropsTheSpaceOfTheStartButNotOfAContinuation()
    {
        using var variants = System.Text.Json.JsonDocument.Parse(TokenizerGoldens.Read("variants.json.gz"));
        var llama = variants.RootElement.EnumerateArray()
            .Single(item => item.GetProperty("name").GetString() == "llama");
        var json = JsonNode.Parse(llama.GetProperty("tokenizer").GetString()!)!.ToJsonString();
        var tokenizer = new BpeTokenizer(TokenizerFile.Parse(Encoding.UTF8.GetBytes(json), "llama"));
        var ids = tokenizer.Encode("the circle");
        Assert.Equal("the circle", Stream(tokenizer, ids, out _));
        var decoder = new StreamingDecoder(tokenizer, continuation: true);
        Assert.Equal(" the circle", string.Concat(ids.Select(id => decoder.Append(id).ToString())));
    }

    [Fact]
    public void Append_AThousandIds_AllocatesNothing()
    {
        var ids = Tokenizer.Encode(string.Concat(Enumerable.Repeat("A large red circle 😀, naïve 日本.\n", 60)));
        var decoder = new StreamingDecoder(Tokenizer);
        var length = 0;
        foreach (var id in ids) length += decoder.Append(id).Length;
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var id in ids) length += decoder.Append(id).Length;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(ids.Length > 1000 && length > 2000);
    }

    private static string Stream(ITokenizer tokenizer, int[] ids, out List<string> texts)
    {
        var decoder = new StreamingDecoder(tokenizer);
        texts = [.. ids.Select(id => decoder.Append(id).ToString()), decoder.Flush().ToString()];
        return string.Concat(texts);
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune)) return false;
            i += rune.Utf16SequenceLength;
        }

        return true;
    }
}
