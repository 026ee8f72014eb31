using FlamingoGpu.Core;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Models;

/// <summary>
/// Sizes of published models, for plans and counts without their files. Names are lower-case, as
/// <c>inspect --shape</c> takes them.
/// </summary>
public static class PublishedModels
{
    private static readonly SpecialTokens NeoXTokens = new(Image: 50278, EndOfChunk: 50277, Pad: 50279, Eos: 0);

    /// <summary>Known names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["openflamingo-3b", "openflamingo-9b"];

    /// <summary>The configuration of a published model.</summary>
    /// <exception cref="InvalidRequestException">The name is not known; lists the known ones.</exception>
    public static FlamingoConfig Find(string name) => name switch
    {
        "openflamingo-3b" => OpenFlamingo(name, every: 1, new MptConfig
        {
            MosaicGptNames = true,
            Slopes = AlibiSlopes.MosaicGpt,
            QkNorm = true,
            Width = 2048,
            Layers = 24,
            Heads = 16,
            FeedForwardWidth = 8192,
            Vocabulary = 50280,
        }),
        "openflamingo-9b" => OpenFlamingo(name, every: 4, new MptConfig
        {
            MosaicGptNames = false,
            Slopes = AlibiSlopes.Mpt,
            Width = 4096,
            Layers = 32,
            Heads = 32,
            FeedForwardWidth = 16384,
            Vocabulary = 50280,
        }),
        _ => throw new InvalidRequestException($"no published shape '{name}'; known are {string.Join(", ", Names)}."),
    };

    private static FlamingoConfig OpenFlamingo(string name, int every, MptConfig language) => new()
    {
        Name = name,
        CrossAttention = new CrossAttentionConfig { Every = every },
        Language = language,
        Tokens = NeoXTokens,
    };
}
