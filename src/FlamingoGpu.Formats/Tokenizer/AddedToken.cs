namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>A token that is matched as a literal before anything else looks at the text.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Content">The literal; not empty.</param>
/// <param name="SingleWord">Matches only where no word character touches it.</param>
/// <param name="LeftStrip">Swallows the white space before it.</param>
/// <param name="RightStrip">Swallows the white space after it.</param>
/// <param name="Normalized">Matched in normalised text, with normalised content, instead of in raw text.</param>
/// <param name="Special">A control token: left out of decoded text, and plain text when a user writes it.</param>
public sealed record AddedToken(
    int Id, string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);
