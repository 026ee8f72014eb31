namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>
/// The byte pair encoding of a tokenizer file: its vocabulary and its merges, checked against each other.
/// </summary>
/// <param name="Vocabulary">Token text to id, as written in the file; ids differ from each other.</param>
/// <param name="Merges">The merges in order of rank, lowest first.</param>
/// <param name="UnknownId">Stands for what the vocabulary cannot spell; null when there is none.</param>
/// <param name="FuseUnknown">Several unknown characters in a row become one token.</param>
/// <param name="ByteFallback">Characters outside the vocabulary are spelt as <c>&lt;0x0A&gt;</c> tokens.</param>
/// <param name="IgnoreMerges">A whole piece that is in the vocabulary becomes that token without any merging.</param>
public sealed record BpeModelData(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<BpeMerge> Merges,
    int? UnknownId = null,
    bool FuseUnknown = false,
    bool ByteFallback = false,
    bool IgnoreMerges = false);
