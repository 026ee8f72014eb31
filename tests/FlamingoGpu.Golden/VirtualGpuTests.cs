using System.Runtime.InteropServices;
using FlamingoGpu.Bench;
using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;
using FlamingoGpu.Models.Prompts;
using FlamingoGpu.Parity;

namespace FlamingoGpu.Golden;

/// <summary>
/// The whole engine on the virtual GPU: the same kernels, graphs and captured decode step that a real one runs. Any
/// finding of its checks (race, bounds, unwritten value …) is an exception and fails the test.
/// </summary>
public sealed class VirtualGpuTests
{
    /// <summary>Heads of 80 (vision), 64 (resampler, gated attention) and 128 (language), 257 vision tokens.</summary>
    private static readonly FlamingoConfig RealInnerSizes = new()
    {
        Name = "real-inner-sizes",
        Vision = new VisionConfig { Width = 320, Layers = 2, Heads = 4, FeedForwardWidth = 1280, OutputWidth = 0 },
        Resampler = new ResamplerConfig { Depth = 2 },
        CrossAttention = new CrossAttentionConfig { Every = 1 },
        Language = new MptConfig
        {
            Width = 256,
            Layers = 2,
            Heads = 2,
            FeedForwardWidth = 1024,
            Vocabulary = 512,
            Context = 96,
            QkNorm = true,
            MosaicGptNames = true,
        },
        Tokens = new SpecialTokens(511, 510, 509, -1),
    };

    [Theory]
    [InlineData("openflamingo-mpt1b", 1)]
    [InlineData("openflamingo-mpt7b", 2)] // f32 and bf16 weights
    [InlineData("units", 1)]
    public void Run_Fixture_EveryStageMatchesWithinTheBoundsOfTheCpu(string fixture, int expectedReports)
    {
        var reports = ParityRunner.Run(GoldenFolder.Of(fixture), new ParityOptions { Device = "virtual" });

        Assert.Equal(expectedReports, reports.Count);
        foreach (var report in reports)
        {
            Assert.Empty(report.Unsupported);
            Assert.NotEmpty(report.Stages);
            Assert.All(report.Stages, stage => Assert.True(stage.Matches, $"{stage.Name}: {stage.MaxAbsolute} > {stage.Bound} {stage.Detail}"));
        }
    }

    [Fact]
    public void Run_RealInnerSizesInBF16_IsTheCpusResultThroughTensorCores()
    {
        using var folder = RandomModel.Write(RealInnerSizes, DType.BF16, Path.GetTempPath(), default);
        var request = RandomRequest.Make(RealInnerSizes, tokens: 41, images: 3);
        var expected = RunOn("cpu", folder.Folder, request, out _);
        var actual = RunOn("virtual", folder.Folder, request, out var variants);

        AssertClose(expected.Latents, actual.Latents, NarrowRoundings(media: true));
        AssertClose(expected.Prefill, actual.Prefill, NarrowRoundings(media: false));
        AssertClose(expected.Decode, actual.Decode, NarrowRoundings(media: false));
        Assert.Contains(variants, variant => variant.StartsWith("gemm_warpgroup", StringComparison.Ordinal));
        Assert.DoesNotContain(variants, variant => variant.Contains("gemm_fma", StringComparison.Ordinal));
        Assert.Contains(variants, variant => variant.StartsWith("gemv", StringComparison.Ordinal));
        string[] attentions =
        [
            "warpgroup_bf16_bf16_d80_full", "mma_bf16_bf16_d128_causal_alibi", "mma_bf16_bf16_d64_latents",
            "mma_bf16_bf16_d64_media",
        ];
        foreach (var attention in attentions)
            Assert.Contains(variants, variant => variant.Contains($"attention_{attention}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(20, 11)] // q | media | out | up | down, and qkv | norms of q and k | attention | out | up | down
    [InlineData(70, 12)] // keys for two blocks a head: their parts are combined
    public void Step_OfAGatedAndADecoderLayer_TakesFewLaunches(int tokens, int expected)
    {
        using var folder = RandomModel.Write(RealInnerSizes, DType.BF16, Path.GetTempPath(), default);
        using var flamingo = Flamingo.Load(new FlamingoOptions { ModelPath = folder.Folder, Device = "virtual" });
        var request = RandomRequest.Make(RealInnerSizes, tokens, images: 1);
        using var session = new TextSession(flamingo.Model, flamingo.Compute, [request], newTokens: 2);
        session.EncodeMedia(flamingo.Media);
        session.Prefill();
        var tally = new VariantTally();
        session.Listen(tally);
        session.Step([7]);

        Assert.Equal(
            Enumerable.Repeat(expected, RealInnerSizes.Language.Layers),
            Enumerable.Range(0, RealInnerSizes.Language.Layers).Select(
                layer => tally.LaunchesIn($"xattn{layer}.") + tally.LaunchesIn($"lm{layer}.")));
        Assert.Contains(tally.Variants, variant => variant.Contains("_of_layer_norm_f32", StringComparison.Ordinal));
    }

    /// <summary>
    /// The bound of sixteen bits still notices a model put together wrongly. (It would not notice missing q and k norms: of
    /// random weights they are nearly the identity; the f32 fixtures do.)
    /// </summary>
    [Theory]
    [InlineData("xattn.gate", "open")]
    [InlineData("lm.residual", "parallel")]
    public void Run_RealInnerSizesOfAMutatedModel_IsFarFromTheCpusResult(string key, string value)
    {
        using var folder = RandomModel.Write(RealInnerSizes, DType.BF16, Path.GetTempPath(), default);
        var request = RandomRequest.Make(RealInnerSizes, tokens: 41, images: 3);
        var expected = RunOn("cpu", folder.Folder, request, out _);
        var actual = RunOn("virtual", folder.Folder, request, out _, (key, value));

        var (worst, bound) = Distance(expected.Prefill, actual.Prefill, NarrowRoundings(media: false));
        Assert.True(worst > bound, $"{worst} <= {bound}");
    }

    private static (float[] Latents, float[] Prefill, float[] Decode) RunOn(
        string device, string folder, SequenceInput request, out HashSet<string> variants, params (string Key, string Value)[] set)
    {
        using var flamingo = Flamingo.Load(new FlamingoOptions { ModelPath = folder, Device = device, Set = set });
        var tally = new VariantTally();
        flamingo.Media.Listener = tally;
        using var session = new TextSession(flamingo.Model, flamingo.Compute, [request], newTokens: 2);
        using var arena = new Arena(flamingo.Compute.Device, session.ArenaBytes);
        using var runs = new MediaRuns(
            new MediaGraphs(flamingo.Model, flamingo.Compute.Activations), flamingo.Compute, arena);
        var latents = Latents(flamingo, request.Media, runs);
        session.Listen(tally);
        session.ProjectMedia(latents);
        session.Prefill();
        var prefill = session.Logits(0).ToArray();
        session.Step([7]);
        session.Listen(null); // the second step is the recorded one
        session.Step([8]);
        variants = tally.Variants;
        return (latents, prefill, session.Logits(0).ToArray());
    }

    private static float[] Latents(Flamingo flamingo, IReadOnlyList<MediaPixels> media, MediaRuns runs)
    {
        var perMedium = flamingo.Model.Resampler.Config.Latents * flamingo.Model.Vision.Config.Width;
        var latents = new float[media.Count * perMedium];
        var device = flamingo.Compute.Device;
        using var memory = device.Allocate(sizeof(float) * latents.Length, "latents");
        flamingo.Media.Encode(media, [.. Enumerable.Range(0, media.Count)], runs, memory.Address);
        device.Download(memory.Address, MemoryMarshal.AsBytes(latents.AsSpan()));
        return latents;
    }

    /// <summary>Results stored in 16 bits on the longest way to the result.</summary>
    private static double NarrowRoundings(bool media)
    {
        using var model = OpenFlamingo.ShapeOnly(RealInnerSizes, DType.BF16);
        double Narrow(GraphNode node) => node.Output.Type.DType == DType.BF16 ? 1 + (node.Op is MatMul or LayerNorm ? 0 : 1) : 0;
        var latents = model.MediaGraph(3, 1, activations: DType.BF16).LongestPath("latents", Narrow);
        if (media) return latents;
        using var device = new Runtime.NullDevice();
        using var cache = new KvCache(device, model.Language, 1, 64, DType.BF16);
        using var kv = new MediaKeyValues(device, 2, 3, 64, 512, DType.BF16);
        return model.TextGraph(cache, 1, kv, 41, 1).LongestPath("logits", Narrow, latents + 2);
    }

    /// <summary>
    /// Each of n roundings to bf16 is off by a uniform ±2⁻⁸ of its value, a deviation of 2⁻⁸/√3; of random sign they add
    /// up to √n of that, and six deviations bound them. (Attention rounds its probabilities as well: two each.)
    /// </summary>
    private static void AssertClose(float[] expected, float[] actual, double roundings)
    {
        var (worst, bound) = Distance(expected, actual, roundings);
        Assert.True(worst <= bound, $"{worst} > {bound} ({roundings} roundings)");
    }

    private static (double Worst, double Bound) Distance(float[] expected, float[] actual, double roundings)
    {
        var bound = 6 / 256.0 / Math.Sqrt(3) * Math.Sqrt(roundings) * expected.Max(Math.Abs);
        return (expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max(), bound);
    }

    private sealed class VariantTally : IExecutionListener
    {
        private readonly List<(string Node, int Launches)> _nodes = [];

        public HashSet<string> Variants { get; } = [];

        public int LaunchesIn(string scope) =>
            _nodes.Where(run => run.Node.StartsWith(scope, StringComparison.Ordinal)).Sum(run => run.Launches);

        public void NodeStarting(GraphNode node, BoundKernel kernel)
        {
        }

        public void NodeCompleted(GraphNode node, BoundKernel kernel)
        {
            Variants.Add(kernel.Variant);
            _nodes.Add((node.Label, kernel.Launches.Count));
        }
    }
}
