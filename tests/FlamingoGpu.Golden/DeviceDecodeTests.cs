using FlamingoGpu.Core;
using FlamingoGpu.Models;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Golden;

/// <summary>The decode loop that stays on the device: same ids as the host's loop, and nothing but ids per token.</summary>
public sealed class DeviceDecodeTests : IDisposable
{
    private readonly FlamingoModel _model = SmallModel.Load(GoldenFolder.Of("openflamingo-mpt1b"));

    public void Dispose() => _model.Dispose();

    public static TheoryData<GenerationOptions> Choices =>
    [
        new GenerationOptions(),
        new GenerationOptions { RepetitionPenalty = 1.3, BannedIds = [258, 3] },
        new GenerationOptions { Temperature = 0.9, Seed = 5 },
        new GenerationOptions { Temperature = 1.2, TopK = 20, TopP = 0.9, MinP = 0.01, RepetitionPenalty = 1.1, Seed = 11 },
    ];

    [Theory]
    [MemberData(nameof(Choices))]
    public void Generate_BatchOnTheDevice_GivesTheIdsOfTheCpu(GenerationOptions options)
    {
        options = options with { MaxNewTokens = 9, StopIds = [257] };
        Assert.Equal(Generate("cpu", options), Generate("virtual", options));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_BeamsOnTheDevice_GivesTheIdsOfTheCpu(int beams)
    {
        var options = new GenerationOptions { NumBeams = beams, MaxNewTokens = 7, StopIds = [257], BannedIds = [258], LengthPenalty = 0 };
        Assert.Equal(SearchBeams("cpu", options), SearchBeams("virtual", options));
    }

    [Fact]
    public void Next_AfterTheStart_CostsOneReplayAndOneReadback()
    {
        var driver = new CountingDriver(new VirtualDriver());
        using var compute = ComputeDevice.Open(driver, DType.F32);
        using var session = new TextSession(
            _model, compute, [new SequenceInput([5, 9, 7], [], [])], newTokens: 12, choice: new TokenChoice());
        session.Prefill();
        session.StartOnDevice([4], [new TokenSampler(new GenerationOptions(), session.Vocabulary, [])]);
        session.NextOnDevice();
        var (allocations, waits, launches, graphs, uploads, downloads) =
            (driver.Allocations, driver.Waits, driver.Launches, driver.GraphLaunches, driver.Uploads, driver.Downloads);
        for (var i = 0; i < 5; i++) session.NextOnDevice();

        Assert.Equal(allocations, driver.Allocations);
        Assert.Equal(waits, driver.Waits);
        Assert.Equal(launches, driver.Launches);
        Assert.Equal(uploads, driver.Uploads);
        Assert.Equal(graphs + 5, driver.GraphLaunches);
        Assert.Equal(downloads + 5, driver.Downloads);
    }

    /// <summary>How a step of the device alone is timed: replays, and nothing else.</summary>
    [Fact]
    public void RunAlone_AfterTheStart_OnlyReplays()
    {
        var driver = new CountingDriver(new VirtualDriver());
        using var compute = ComputeDevice.Open(driver, DType.F32);
        using var session = new TextSession(
            _model, compute, [new SequenceInput([5, 9, 7], [], [])], newTokens: 12, choice: new TokenChoice());
        session.Prefill();
        session.StartOnDevice([4], [new TokenSampler(new GenerationOptions(), session.Vocabulary, [])]);
        session.NextOnDevice();
        var (graphs, launches, downloads) = (driver.GraphLaunches, driver.Launches, driver.Downloads);
        session.RunAloneOnDevice(6);
        compute.Device.Synchronize();

        Assert.Equal(graphs + 6, driver.GraphLaunches);
        Assert.Equal(launches, driver.Launches);
        Assert.Equal(downloads, driver.Downloads);
    }

    [Fact]
    public void Next_NonFiniteLogits_NamesTheNode()
    {
        using var copy = GoldenFolder.Copy("openflamingo-mpt1b");
        // The sum over this row of the embedding leaves the range of f32, so its mean does too.
        EngineTests.Patch(Path.Combine(copy.Path, "checkpoint.safetensors"), "lang_encoder.transformer.wte.weight", 5e37f, count: 24);
        using var broken = SmallModel.Load(copy.Path);
        using var compute = ComputeDevice.Open("virtual");
        using var session = new TextSession(
            broken, compute, [new SequenceInput([5, 9, 7], [], [])], newTokens: 4, choice: new TokenChoice());
        session.Prefill();
        session.StartOnDevice([0], [new TokenSampler(new GenerationOptions(), session.Vocabulary, [])]);

        var error = Assert.Throws<NonFiniteException>(() => session.NextOnDevice());
        Assert.StartsWith("xattn0", error.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_InTheMiddleOfAStep_LeavesNothingBehind()
    {
        using var compute = ComputeDevice.Open("virtual");
        using (var session = new TextSession(
            _model, compute, [new SequenceInput([5, 9, 7], [], [])], newTokens: 12, choice: new TokenChoice()))
        {
            session.Prefill();
            session.StartOnDevice([4], [new TokenSampler(new GenerationOptions(), session.Vocabulary, [])]);
            session.NextOnDevice();
        }

        Assert.Equal(0, ((Runtime.Gpu.GpuDevice)compute.Device).LiveBytes);
    }

    private List<List<int>> Generate(string device, GenerationOptions options)
    {
        using var compute = ComputeDevice.Open(device);
        SequenceInput[] rows =
        [
            new([258, 5, 9, 7, 30], [0], [SmallModel.Picture(1)]),
            new([12, 8], [], []),
            new([258, 5, 258, 9], [0, 2], [SmallModel.Picture(2), SmallModel.Picture(1)]),
        ];
        using var session = new TextSession(_model, compute, rows, options.MaxNewTokens, choice: options.Choice);
        Assert.Equal(device == "virtual", session.ChoosesOnDevice);
        using var encoder = new MediaEncoder(_model, compute);
        session.EncodeMedia(encoder);
        session.Prefill();
        var generator = new TokenGenerator(session, options, [.. rows.Select(row => row.TokenIds)]);
        while (generator.MoveNext())
        {
            if (generator.Ids(1).Count == 4) generator.End(1); // as a stop text would
            generator.Step();
        }

        return [.. Enumerable.Range(0, rows.Length).Select(row => generator.Ids(row).ToList())];
    }

    private List<List<int>> SearchBeams(string device, GenerationOptions options)
    {
        using var compute = ComputeDevice.Open(device);
        SequenceInput[] rows = [new([258, 5, 9, 7, 30], [0], [SmallModel.Picture(1)]), new([12, 8], [], [])];
        using var session = new TextSession(
            _model, compute, rows, options.MaxNewTokens, options.NumBeams, choice: options.Choice);
        Assert.Equal(device == "virtual", session.Beams is not null);
        using var encoder = new MediaEncoder(_model, compute);
        session.EncodeMedia(encoder);
        session.Prefill();
        return [.. new BeamSearch(options, [5, 2]).Run(session).Select(ids => ids.ToList())];
    }
}
