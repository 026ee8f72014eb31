namespace FlamingoGpu.Models.Prompts;

/// <summary>One piece of a prompt.</summary>
/// <param name="Kind">Which of the other members counts.</param>
/// <param name="Text">The text of a text piece, else empty.</param>
/// <param name="ImageIndex">Which of the prompt's images stands here, counted from 0; -1 for other pieces.</param>
public readonly record struct PromptPiece(PromptPieceKind Kind, string Text, int ImageIndex)
{
    /// <summary>The end of a demonstration.</summary>
    public static PromptPiece EndOfChunk => new(PromptPieceKind.EndOfChunk, "", -1);

    /// <summary>A piece of text.</summary>
    public static PromptPiece FromText(string text) => new(PromptPieceKind.Text, text, -1);

    /// <summary>The place of an image.</summary>
    public static PromptPiece FromImage(int index) => new(PromptPieceKind.Image, "", index);
}
