namespace FlamingoGpu.Models.Prompts;

/// <summary>What a piece of a prompt is.</summary>
public enum PromptPieceKind
{
    /// <summary>Text as a user wrote it; never a control token.</summary>
    Text,

    /// <summary>The place of an image: one <c>&lt;image&gt;</c> token.</summary>
    Image,

    /// <summary>The end of a demonstration: one <c>&lt;|endofchunk|&gt;</c> token.</summary>
    EndOfChunk,
}
