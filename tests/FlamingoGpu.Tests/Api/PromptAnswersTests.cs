using FlamingoGpu.Models.Prompts;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Tests.Api;

/// <summary>Stopping at the cut words while streaming gives what cleaning the whole text gives.</summary>
public class PromptAnswersTests
{
    private static readonly string[] Bits =
        ["Out", "put", "Output", "Q", "Question", "uestion", "Short", "Answer", "Ans", "wer", ",", " ", ", ", "\"", "a dog", "O", "é"];

    private static Arbitrary<string[]> Texts => Gen.ArrayOf(Gen.Elements(Bits)).ToArbitrary();

    [Fact]
    public void StopTexts_OfCaptions_CutAsCleanDoes() => Prop.ForAll(
        Texts, pieces => Stream(["Output"], pieces).Replace("\"", "", StringComparison.Ordinal) == CaptionAnswer.Clean(string.Concat(pieces)))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void StopTexts_OfAnswers_CutAsCleanDoes() => Prop.ForAll(
        Texts, pieces => Stream(["Question", "Answer", "Short", ", "], pieces) == VqaAnswer.Clean(string.Concat(pieces)))
        .QuickCheckThrowOnFailure();

    private static string Stream(string[] stops, string[] pieces)
    {
        var filter = new StopTextFilter(stops);
        return string.Concat(pieces.Select(filter.Append)) + filter.Flush();
    }
}
