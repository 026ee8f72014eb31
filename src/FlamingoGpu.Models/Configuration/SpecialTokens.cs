namespace FlamingoGpu.Models;

/// <summary>Ids that have a meaning beyond their text.</summary>
/// <param name="Image">Marks the place of a picture: one text position, <c>&lt;image&gt;</c>.</param>
/// <param name="EndOfChunk">Ends a demonstration and generation, <c>&lt;|endofchunk|&gt;</c>.</param>
/// <param name="Pad">Fills up; never read.</param>
/// <param name="EndOfText">The language model's own end of text, or −1.</param>
public sealed record SpecialTokens(int Image, int EndOfChunk, int Pad, int EndOfText = -1);
