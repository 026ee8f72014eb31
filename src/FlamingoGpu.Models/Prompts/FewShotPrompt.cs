using FlamingoGpu.Core;

namespace FlamingoGpu.Models.Prompts;

/// <summary>
/// The prompts OpenFlamingo was evaluated with: demonstrations, each closed by the end-of-chunk token, then the query.
/// Demonstrations of captions and of answers are followed by a line feed, generic ones by nothing, as in the reference.
/// Captions lose the white space at their ends, as in the reference; all other texts are used as they are.
/// </summary>
public static class FewShotPrompt
{
    /// <summary>Asks for a caption: <c>&lt;image&gt;Output:</c>.</summary>
    /// <param name="shots">Demonstrations; the text is the caption.</param>
    public static Prompt Caption(IReadOnlyList<Shot> shots) =>
        Build(shots, shot => $"Output:{shot.Text.Trim()}", "\n", "Output:");

    /// <summary>Asks a question: <c>&lt;image&gt;Question:… Short answer:</c>.</summary>
    /// <param name="shots">Demonstrations; the text is the answer.</param>
    /// <param name="question">The question about the last image.</param>
    /// <exception cref="InvalidRequestException">The question or that of a demonstration is empty.</exception>
    public static Prompt Vqa(IReadOnlyList<Shot> shots, string question)
    {
        return Build(
            shots,
            shot => Ask(shot.Question, "A demonstration has no question; each needs one.") + shot.Text,
            "\n",
            Ask(question, "The question is empty."));

        static string Ask(string? question, string problem) => string.IsNullOrWhiteSpace(question)
            ? throw new InvalidRequestException(problem)
            : $"Question:{question} Short answer:";
    }

    /// <summary>Completes a text of the user's own: <c>&lt;image&gt;TEXT</c>.</summary>
    /// <param name="shots">Demonstrations; the text is whatever follows the image.</param>
    /// <param name="text">The start of the text after the last image; may be empty.</param>
    /// <param name="hasImage">False when the query has no image.</param>
    public static Prompt Generic(IReadOnlyList<Shot> shots, string text, bool hasImage = true) =>
        Build(shots, shot => shot.Text, "", text, hasImage);

    private static Prompt Build(
        IReadOnlyList<Shot> shots, Func<Shot, string> textOf, string afterShot, string query, bool hasImage = true)
    {
        var pieces = new List<PromptPiece>();
        var images = 0;
        foreach (var shot in shots)
        {
            if (shot.HasImage) pieces.Add(PromptPiece.FromImage(images++));
            pieces.Add(PromptPiece.FromText(textOf(shot)));
            pieces.Add(PromptPiece.EndOfChunk);
            pieces.Add(PromptPiece.FromText(afterShot));
        }

        if (hasImage) pieces.Add(PromptPiece.FromImage(images));
        pieces.Add(PromptPiece.FromText(query));
        return Prompt.Of(pieces);
    }
}
