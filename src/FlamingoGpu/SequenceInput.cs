namespace FlamingoGpu;

/// <summary>One prompt as the engine takes it: ids, where its media stand, and the media.</summary>
/// <param name="TokenIds">At least one id.</param>
/// <param name="MediaPositions">Ascending positions in <paramref name="TokenIds"/> of the image markers.</param>
/// <param name="Media">The media, in the order of their markers; as many as markers (parity runs may give more).</param>
public sealed record SequenceInput(
    IReadOnlyList<int> TokenIds, IReadOnlyList<int> MediaPositions, IReadOnlyList<MediaPixels> Media);
