using FlamingoGpu.Core;

namespace FlamingoGpu.Models.Prompts;

/// <summary>
/// Text and images in the order in which the model reads them. Images are numbered in that order, so the i-th marker is
/// image i; their pixels come from elsewhere. Neighbouring texts are one piece, because they are tokenised as one.
/// </summary>
public sealed class Prompt
{
    /// <summary>How an image's place is written inside a text.</summary>
    public const string ImageMarker = "<image>";

    private Prompt(IReadOnlyList<PromptPiece> pieces)
    {
        Pieces = pieces;
        ImageCount = pieces.Count(piece => piece.Kind == PromptPieceKind.Image);
    }

    /// <summary>The pieces in order; no two texts are neighbours, and none is empty.</summary>
    public IReadOnlyList<PromptPiece> Pieces { get; }

    /// <summary>Number of images.</summary>
    public int ImageCount { get; }

    /// <summary>Puts pieces together.</summary>
    /// <param name="pieces">Pieces in order; image indices must count up from 0.</param>
    /// <exception cref="InvalidRequestException">An image is missing, doubled or out of order.</exception>
    public static Prompt Of(IEnumerable<PromptPiece> pieces)
    {
        var list = new List<PromptPiece>();
        var images = 0;
        foreach (var piece in pieces)
        {
            if (piece.Kind == PromptPieceKind.Image && piece.ImageIndex != images++)
            {
                throw new InvalidRequestException(
                    $"Image {piece.ImageIndex} stands where image {images - 1} is due; "
                    + "number images in reading order.");
            }

            if (piece.Kind != PromptPieceKind.Text)
                list.Add(piece);
            else if (list.Count > 0 && list[^1].Kind == PromptPieceKind.Text)
                list[^1] = PromptPiece.FromText(list[^1].Text + piece.Text);
            else if (piece.Text.Length > 0)
                list.Add(piece);
        }

        return new Prompt(list);
    }

    /// <summary>
    /// Reads a text in which <see cref="ImageMarker"/> stands for each image. A text without any marker gets all its
    /// images in front.
    /// </summary>
    /// <param name="text">
    /// The text. Nothing in it but the marker has a meaning; <c>&lt;|endofchunk|&gt;</c> is text.
    /// </param>
    /// <param name="imageCount">How many images there are.</param>
    /// <exception cref="InvalidRequestException">Markers and images differ in number.</exception>
    public static Prompt Parse(string text, int imageCount)
    {
        var parts = text.Split(ImageMarker);
        var markers = parts.Length - 1;
        if (markers == 0)
            return Of([.. Enumerable.Range(0, imageCount).Select(PromptPiece.FromImage), PromptPiece.FromText(text)]);
        if (markers != imageCount)
        {
            throw new InvalidRequestException(
                $"The prompt has {Count(markers, $"{ImageMarker} marker")}, but {Count(imageCount, "image")} "
                + $"{(imageCount == 1 ? "was" : "were")} given; each marker needs its own image.");
        }

        var pieces = new List<PromptPiece> { PromptPiece.FromText(parts[0]) };
        for (var i = 0; i < markers; i++)
        {
            pieces.Add(PromptPiece.FromImage(i));
            pieces.Add(PromptPiece.FromText(parts[i + 1]));
        }

        return Of(pieces);
    }

    /// <summary>The prompt as one line of text with its control tokens written out, for logs and errors.</summary>
    public override string ToString() => string.Concat(Pieces.Select(piece => piece.Kind switch
    {
        PromptPieceKind.Image => ImageMarker,
        PromptPieceKind.EndOfChunk => SpecialTokens.EndOfChunkText,
        _ => piece.Text,
    }));

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
