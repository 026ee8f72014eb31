using FlamingoGpu.Core;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models;
using FlamingoGpu.Models.Prompts;
using FlamingoGpu.Models.Tiny;
using FlamingoGpu.Models.Tokenization;
using FlamingoGpu.Tests.Models.Tokenization;

namespace FlamingoGpu.Tests.Models.Tiny;

public class TinyTokenizerTests
{
    [Fact]
    public void Make_Again_GivesTheShippedBytes() =>
        Assert.Equal(File.ReadAllBytes(TokenizerGoldens.ShippedPath), TinyTokenizer.Make());

    [Fact]
    public void ShippedFile_HasTheLayoutOfNeoxWithFlamingosTokensLast()
    {
        var tokenizer = TokenizerGoldens.Shipped;
        Assert.Equal(0, tokenizer.IdOf("<|endoftext|>"));
        Assert.Equal(1, tokenizer.IdOf("<|padding|>"));
        var size = tokenizer.VocabularySize;
        Assert.InRange(size, 900, 2000);
        Assert.Equal(size - 1, tokenizer.IdOf("<PAD>"));
        Assert.Equal(size - 2, tokenizer.IdOf("<image>"));
        Assert.Equal(size - 3, tokenizer.IdOf("<|endofchunk|>"));
        Assert.Equal(size - 4, tokenizer.IdOf("  "));
        Assert.False(tokenizer.IsSpecial(size - 4));
        Assert.True(tokenizer.IsSpecial(size - 2));
    }

    [Fact]
    public void WithSpecialTokens_OnABareLanguageModelTokenizer_GivesOpenFlamingosIds()
    {
        var shipped = TokenizerFile.Load(TokenizerGoldens.ShippedPath);
        var bare = shipped with
        {
            AddedTokens = [.. shipped.AddedTokens.Where(token => !SpecialTokens.OpenFlamingo.Contains(token.Content))],
        };
        Assert.Equal(shipped.AddedTokens, bare.WithSpecialTokens(SpecialTokens.OpenFlamingo).AddedTokens);
        Assert.Equal(shipped.AddedTokens, shipped.WithSpecialTokens(SpecialTokens.OpenFlamingo).AddedTokens);
        var error = Assert.Throws<InvalidRequestException>(() => SpecialTokens.Find(new BpeTokenizer(bare)));
        Assert.Contains("<image>", error.Message);
    }

    [Fact]
    public void Corpus_EveryLine_NeedsFewTokens()
    {
        var lines = CaptionGrammar.Corpus().ToArray();
        Assert.InRange(lines.Length, 500, 2000);
        // Trained on these lines, the tokenizer must spell them with about one token for each word or sign.
        Assert.All(lines, line => Assert.True(
            TokenizerGoldens.Shipped.Encode(line).Length <= line.Split(' ').Length * 2 + 4, line));
    }

    [Fact]
    public void Questions_OfAnyScene_AreAnsweredFromTheScene()
    {
        var random = new SplitMix64(7);
        for (var i = 0; i < 200; i++)
        {
            var scene = CaptionGrammar.Draw(random);
            Assert.InRange(scene.Shapes.Count, 1, 3);
            Assert.Equal(scene.Shapes.Count, scene.Shapes.Select(shape => shape.Place).Distinct().Count());
            Assert.DoesNotContain(scene.Background, scene.Shapes.Select(shape => shape.Color));
            foreach (var (question, answer) in CaptionGrammar.Questions(scene))
            {
                Assert.EndsWith("?", question);
                Assert.NotEmpty(answer);
                if (question.StartsWith("Is there", StringComparison.Ordinal))
                    Assert.Equal(answer == "yes", scene.Shapes.Any(shape => question.Contains(" " + shape.Name)));
            }
        }
    }
}
