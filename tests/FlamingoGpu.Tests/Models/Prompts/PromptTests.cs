using FlamingoGpu.Core;
using FlamingoGpu.Models.Prompts;
using FlamingoGpu.Models.Tokenization;
using FlamingoGpu.Tests.Models.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Tests.Models.Prompts;

public class PromptTests
{
    private static readonly PromptEncoder Encoder =
        new(TokenizerGoldens.Shipped, SpecialTokens.Find(TokenizerGoldens.Shipped));

    [Theory]
    [InlineData("<image>a<image>b", 1, "2 <image> markers", "1 image was")]
    [InlineData("<image>a", 0, "1 <image> marker,", "0 images were")]
    [InlineData("<image>a", 3, "1 <image> marker,", "3 images were")]
    public void Parse_MarkersAndImagesDiffer_NamesBothNumbers(string text, int images, string markers, string given)
    {
        var error = Assert.Throws<InvalidRequestException>(() => Prompt.Parse(text, images));
        Assert.Contains(markers, error.Message);
        Assert.Contains(given, error.Message);
    }

    [Theory]
    [InlineData("A cat", 0, "A cat")]
    [InlineData("A cat", 2, "<image><image>A cat")]
    [InlineData("", 1, "<image>")]
    [InlineData("x<image>y<image>", 2, "x<image>y<image>")]
    [InlineData("<image><image>", 2, "<image><image>")]
    public void Parse_Text_PutsImagesInPlace(string text, int images, string expected)
    {
        var prompt = Prompt.Parse(text, images);
        Assert.Equal(expected, prompt.ToString());
        Assert.Equal(images, prompt.ImageCount);
        Assert.Equal(
            Enumerable.Range(0, images),
            prompt.Pieces.Where(piece => piece.Kind == PromptPieceKind.Image).Select(piece => piece.ImageIndex));
    }

    [Fact]
    public void Of_NeighbouringTexts_AreTokenisedAsOne()
    {
        var prompt = Prompt.Of([PromptPiece.FromText("tri"), PromptPiece.FromText(""), PromptPiece.FromText("angle")]);
        Assert.Equal("triangle", Assert.Single(prompt.Pieces).Text);
    }

    [Fact]
    public void Of_ImagesOutOfOrder_IsRefused() => Assert.Throws<InvalidRequestException>(
        () => Prompt.Of([PromptPiece.FromImage(1), PromptPiece.FromImage(0)]));

    [Fact]
    public void Caption_WithShots_IsTheReferencesText() => Assert.Equal(
        "<image>Output:A red star.<|endofchunk|>\n<image>Output:Two cats.<|endofchunk|>\n<image>Output:",
        FewShotPrompt.Caption([new Shot(" A red star. "), new Shot("Two cats.")]).ToString());

    [Fact]
    public void Vqa_WithAShot_IsTheReferencesText() => Assert.Equal(
        "<image>Question:Is it red? Short answer:yes<|endofchunk|>\n<image>Question:How many? Short answer:",
        FewShotPrompt.Vqa([new Shot("yes", "Is it red?")], "How many?").ToString());

    [Fact]
    public void Generic_WithShots_HasNoLineFeeds() => Assert.Equal(
        "<image>An image of two cats.<|endofchunk|><image>An image of a sink.<|endofchunk|><image>An image of",
        FewShotPrompt.Generic([new Shot("An image of two cats."), new Shot("An image of a sink.")], "An image of")
            .ToString());

    [Fact]
    public void Caption_ShotInTextOnly_HasNoMarker() => Assert.Equal(
        "Output:A dog.<|endofchunk|>\n<image>Output:",
        FewShotPrompt.Caption([new Shot("A dog.", HasImage: false)]).ToString());

    [Fact]
    public void Vqa_WithoutQuestion_IsRefused()
    {
        Assert.Throws<InvalidRequestException>(() => FewShotPrompt.Vqa([], " "));
        Assert.Throws<InvalidRequestException>(() => FewShotPrompt.Vqa([new Shot("yes")], "Is it?"));
    }

    [Theory]
    [InlineData("A \"small\" dog.\nOutput:A cat", "A small dog.\n")]
    [InlineData("A dog", "A dog")]
    [InlineData("Output", "")]
    public void CaptionAnswer_Clean_CutsAndDropsQuotes(string generated, string expected) =>
        Assert.Equal(expected, CaptionAnswer.Clean(generated));

    [Theory]
    [InlineData("yes, it isQuestion:", "yes")]
    [InlineData("a,b", "a,b")]
    [InlineData("red Short answer", "red ")]
    [InlineData("two Answer: x, y", "two ")]
    public void VqaAnswer_Clean_CutsAtTheFirstSign(string generated, string expected) =>
        Assert.Equal(expected, VqaAnswer.Clean(generated));

    [Fact]
    public void Encode_FewShotPrompt_EqualsTheParsedTextOfTheReference()
    {
        var prompt = FewShotPrompt.Vqa([new Shot("yes", "Is it red?"), new Shot("3", "How many?")], "What  color?");
        var encoded = Encoder.Encode(prompt);
        Assert.Equal(TokenizerGoldens.Shipped.Encode(prompt.ToString(), parseSpecial: true), encoded.TokenIds);
        var image = TokenizerGoldens.Shipped.RequireId("<image>");
        Assert.Equal(3, encoded.MediaPositions.Length);
        Assert.All(encoded.MediaPositions, position => Assert.Equal(image, encoded.TokenIds[position]));
        Assert.Equal(3, encoded.TokenIds.Count(id => id == image));
    }

    [Fact]
    public void Encode_UserText_NeverForgesControlTokens() => Prop.ForAll(AnyText.Utf16, text =>
    {
        var encoded = Encoder.Encode(Prompt.Of([PromptPiece.FromImage(0), PromptPiece.FromText(text)]));
        return encoded.TokenIds.Count(TokenizerGoldens.Shipped.IsSpecial) == 1 && encoded.MediaPositions is [0];
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_ParsedImageTokenWithoutImage_IsRefused()
    {
        var prompt = Prompt.Of([PromptPiece.FromText("a <image>")]);
        Assert.Empty(Encoder.Encode(prompt).MediaPositions);
        var error = Assert.Throws<InvalidRequestException>(() => Encoder.Encode(prompt, parseSpecial: true));
        Assert.Contains("1 image tokens", error.Message);
    }

    [Fact]
    public void Encode_NoPicture_HasNoMediaPositions()
    {
        var encoded = Encoder.Encode(Prompt.Parse("A large circle", 0));
        Assert.Empty(encoded.MediaPositions);
        Assert.NotEmpty(encoded.TokenIds);
    }
}
