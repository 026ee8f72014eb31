using FlamingoGpu.Bench;
using FlamingoGpu.Models;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Tests.Bench;

/// <summary>Options that run the whole bench in seconds, and a folder that must be empty afterwards.</summary>
internal sealed class TinyBench : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("flamingo-bench-test-").FullName;

    /// <summary>Odd widths, gated blocks before every other layer, both vision and text sides.</summary>
    public static FlamingoConfig Config(bool mosaic) => new()
    {
        Name = "bench-tiny",
        Vision = new VisionConfig
        {
            Width = 64,
            Layers = 2,
            Heads = 1,
            FeedForwardWidth = 136,
            PatchSize = 14,
            ImageHeight = 28,
            ImageWidth = 28,
            OutputWidth = 40,
        },
        Resampler = new ResamplerConfig { Depth = 1, Latents = 5, Heads = 2, HeadDim = 24 },
        CrossAttention = new CrossAttentionConfig { Every = 2, Heads = 3, HeadDim = 16 },
        Language = new MptConfig
        {
            Width = 88,
            Layers = 4,
            Heads = 4,
            FeedForwardWidth = 352,
            Context = 128,
            Vocabulary = 331,
            MosaicGptNames = mosaic,
            QkNorm = mosaic,
            Slopes = mosaic ? AlibiSlopes.MosaicGpt : AlibiSlopes.Mpt,
        },
        Tokens = new SpecialTokens(Image: 329, EndOfChunk: 328, Pad: 330, Eos: 0),
    };

    public BenchOptions Options(bool mosaic = true) => new()
    {
        Config = Config(mosaic),
        Context = 37,
        Rounds = 2,
        Requests = 1,
        Burst = TimeSpan.FromMilliseconds(5),
        ProbeBytes = 8 << 20,
        ProbeTime = TimeSpan.FromMilliseconds(1),
        GemmShapes = [new GemmShape(13, 70, 129), new GemmShape(64, 33, 40)],
        GemmTime = TimeSpan.FromMilliseconds(20),
        WorkFolder = Folder,
    };

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
