using FlamingoGpu.Core;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Golden;

/// <summary>Requests that take over what an earlier one of the same sizes was bound to.</summary>
public sealed class RequestPoolTests : IDisposable
{
    private readonly FlamingoModel _model = SmallModel.Load(GoldenFolder.Of("openflamingo-mpt1b"));
    private readonly CountingDriver _driver = new(new VirtualDriver());
    private readonly ComputeDevice _compute;
    private readonly MediaEncoder _encoder;

    public RequestPoolTests()
    {
        _compute = ComputeDevice.Open(_driver, DType.F32);
        _encoder = new MediaEncoder(_model, _compute);
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _compute.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Rent_RequestsOfTheSameSizes_AnswerAsIfAlone()
    {
        using var pool = Pool(capacity: 4);
        SequenceInput[] prompts =
        [
            new([258, 5, 9, 7, 30], [0], [SmallModel.Picture(1)]), new([258, 12, 8, 258, 40], [0], [SmallModel.Picture(2)]),
            new([258, 5, 9, 7, 30], [0], [SmallModel.Picture(1)]), new([3, 258, 8, 1, 40], [1], [SmallModel.Picture(3)]),
        ];
        foreach (var prompt in prompts)
        {
            using var own = Pool(capacity: 0);
            Assert.Equal(Generate(own, prompt), Generate(pool, prompt));
        }
    }

    [Fact]
    public void Rent_SecondRequestOfTheSameSizes_AllocatesNoCachesAndThirdReplaysEverything()
    {
        using var pool = Pool(capacity: 4);
        Generate(pool, new([258, 5, 9, 7, 30], [0], [SmallModel.Picture(1)]));
        var (live, allocations) = (((GpuDevice)_compute.Device).LiveBytes, _driver.Allocations);

        Generate(pool, new([258, 5, 9, 7, 31], [0], [SmallModel.Picture(1)]));
        Assert.Equal(live, ((GpuDevice)_compute.Device).LiveBytes);
        Assert.Equal(allocations, _driver.Allocations);

        var launches = _driver.Launches;
        Generate(pool, new([258, 5, 9, 7, 32], [0], [SmallModel.Picture(1)]));
        Assert.Equal(launches, _driver.Launches);
    }

    [Fact]
    public void Encode_KnownPictures_MovesNothingBetweenHostAndDevice()
    {
        using var pool = Pool(capacity: 4);
        SequenceInput prompt = new([258, 5, 258, 7, 30], [0, 2], [SmallModel.Picture(1), SmallModel.Picture(2)]);
        using (var first = Session(pool, prompt)) first.EncodeMedia(_encoder);
        var (uploads, downloads, encoded) = (_driver.Uploads, _driver.Downloads, _encoder.EncodedCount);

        using var second = Session(pool, prompt);
        second.EncodeMedia(_encoder);

        Assert.Equal((uploads, downloads), (_driver.Uploads, _driver.Downloads));
        Assert.Equal(encoded, _encoder.EncodedCount);
        Assert.Equal(2, _encoder.HitCount);
    }

    [Fact]
    public void Encode_NewPictures_WaitsForNothing()
    {
        using var pool = Pool(capacity: 4);
        using var session = Session(pool, new([258, 5, 258, 7, 30], [0, 2], [SmallModel.Picture(1), SmallModel.Picture(2)]));
        var (waits, downloads) = (_driver.Waits, _driver.Downloads);

        session.EncodeMedia(_encoder);

        Assert.Equal((waits, downloads), (_driver.Waits, _driver.Downloads));
    }

    [Fact]
    public void Encode_MoreMediaThanAreRemembered_KeepsTheLastOnes()
    {
        using var small = new MediaEncoder(_model, _compute, capacity: 2);
        using var pool = Pool(capacity: 4);
        var live = ((GpuDevice)_compute.Device).LiveBytes;
        using var session = Session(pool, new([258, 258, 258, 7], [0, 1, 2], [SmallModel.Picture(1), SmallModel.Picture(2), SmallModel.Picture(3)]));
        var ofRequest = ((GpuDevice)_compute.Device).LiveBytes - live;

        session.EncodeMedia(small);

        var latentBytes = sizeof(float) * _model.Resampler.Config.Latents * (long)_model.Vision.Config.Width;
        Assert.Equal(live + ofRequest + 2 * latentBytes, ((GpuDevice)_compute.Device).LiveBytes);
        Assert.Equal(3, small.EncodedCount);
    }

    [Fact]
    public void Prefill_PictureThatIsNotFinite_NamesTheNodeOfTheVisionSideAndForgetsIt()
    {
        using var pool = Pool(capacity: 4);
        var pixels = new float[3 * 32 * 32];
        pixels[5] = float.PositiveInfinity;
        for (var request = 1; request <= 2; request++)
        {
            using var session = Session(pool, new([258, 5, 9, 7, 30], [0], [new MediaPixels(pixels)]));
            session.EncodeMedia(_encoder);
            var error = Assert.Throws<NonFiniteException>(session.Prefill);
            Assert.StartsWith("vision", error.Where, StringComparison.Ordinal);
            Assert.Equal(request, _encoder.EncodedCount);
        }
    }

    [Fact]
    public void BeginLoadingKernels_SameSizes_LeavesNoKernelToBeLoaded()
    {
        BoundRequest.BeginLoadingKernels(
            _model, _compute, new RequestShape(Rows: 1, PromptTokens: 5, NewTokens: 6, Media: 1));
        var begun = _driver.Loads;

        using var pool = Pool(capacity: 4);
        Generate(pool, new([258, 5, 9, 7, 30], [0], [SmallModel.Picture(1)]));

        Assert.True(begun > 10);
        Assert.Equal(begun, _driver.Loads);
    }

    [Fact]
    public void Rent_IdleRequestsInTheWay_AreGivenUp()
    {
        using var probe = Pool(capacity: 4);
        SequenceInput[] prompts = [new([5, 9, 7], [], []), new([.. Enumerable.Repeat(5, 20)], [], [])];
        Generate(probe, prompts[0]);
        var shape = new RequestShape(1, 20, 6, 0).Rounded(512);
        var choice = new GenerationOptions { MaxNewTokens = 6 }.Choice;
        var limit = MemoryPlan.For(_model, shape, DType.F32, _compute.WorkspaceBytes, choice).TotalBytes;

        using var pool = Pool(capacity: 4, limit);
        var live = ((GpuDevice)_compute.Device).LiveBytes;
        Generate(pool, prompts[0]);
        var afterFirst = ((GpuDevice)_compute.Device).LiveBytes;
        Generate(pool, prompts[1]);
        var afterSecond = ((GpuDevice)_compute.Device).LiveBytes;

        using var alone = Pool(capacity: 4, limit);
        Generate(alone, prompts[1]);
        Assert.True(afterFirst > live);
        Assert.Equal(afterSecond - live, ((GpuDevice)_compute.Device).LiveBytes - afterSecond);
    }

    [Fact]
    public void Rent_PlanOverTheLimit_AllocatesNothing()
    {
        var shape = new RequestShape(1, 20, 6, Media: 1);
        using var pool = Pool(capacity: 4, MemoryPlan.For(_model, shape, DType.F32, _compute.WorkspaceBytes).TotalBytes - 1);
        var allocations = _driver.Allocations;

        var error = Assert.Throws<DeviceException>(() => pool.Rent(shape, choice: null));

        Assert.Contains("kv cache", error.Message, StringComparison.Ordinal);
        Assert.Equal(allocations, _driver.Allocations);
    }

    [Theory]
    [InlineData("media keys and values")]
    [InlineData("activations")]
    public void Rent_DeviceRefusesMemory_GivesAllBack(string refused)
    {
        using var pool = Pool(capacity: 4);
        var live = ((GpuDevice)_compute.Device).LiveBytes;
        _driver.Refused = refused;

        Assert.Throws<DeviceException>(() => pool.Rent(new RequestShape(1, 20, 6, Media: 1), new TokenChoice()));

        Assert.Equal(live, ((GpuDevice)_compute.Device).LiveBytes);
    }

    [Fact]
    public void Rent_OtherSizesAsManyPictures_SharesTheirGraph()
    {
        using var pool = Pool(capacity: 4);
        using var first = pool.Rent(new RequestShape(1, 20, 6, Media: 2), choice: null);
        using var longer = pool.Rent(new RequestShape(1, 24, 6, Media: 2), choice: null);
        using var more = pool.Rent(new RequestShape(1, 24, 6, Media: 3), choice: null);

        Assert.Same(first.Graphs.LargestMedia, longer.Graphs.LargestMedia);
        Assert.NotSame(first.Graphs.LargestMedia, more.Graphs.LargestMedia);
    }

    [Fact]
    public void Make_DeviceThatRunsOutOfMemory_KeepsNothingOfTheRequest()
    {
        var shape = new RequestShape(Rows: 2, PromptTokens: 40, NewTokens: 6, Media: 2);
        var choice = new GenerationOptions { MaxNewTokens = 6 }.Choice;
        var plan = MemoryPlan.For(_model, shape, DType.F32, choice: choice);
        long[] rooms =
        [
            plan.KvCacheBytes / 2, plan.KvCacheBytes + 64, // no cache; no keys and values of media
            plan.KvCacheBytes + plan.MediaKeyValueBytes + 300, // no decode state
            plan.KvCacheBytes + plan.MediaKeyValueBytes + plan.ArenaBytes, // no activations beside it
        ];
        foreach (var room in rooms)
        {
            using var driver = new VirtualDriver(new VirtualDeviceOptions { MemoryByteLength = room });
            using var compute = ComputeDevice.Open(driver, DType.F32);
            var media = new MediaGraphs(_model, DType.F32);
            var graphs = new RequestGraphs(_model, compute.Device, shape, DType.F32, choice, mediaGraphs: media);
            Assert.Throws<DeviceException>(() => new BoundRequest(graphs, media, compute, shape, choice));
            Assert.Equal(0, ((GpuDevice)compute.Device).LiveBytes);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(16, 16)]
    [InlineData(17, 18)]
    [InlineData(32, 32)]
    [InlineData(33, 36)]
    [InlineData(512, 512)]
    [InlineData(513, 576)]
    [InlineData(2000, 2000)] // the context has no room for 2048
    [InlineData(1930, 2000)]
    public void Rounded_Prompt_IsAtMostAnEighthLongerAndFitsTheContext(int tokens, int expected)
    {
        var shape = new RequestShape(1, tokens, NewTokens: 40, Media: 0, ExtendTokens: 8);
        Assert.Equal(expected, shape.Rounded(2048).PromptTokens);
    }

    private RequestPool Pool(int capacity, long limit = long.MaxValue) => new(_model, _compute, limit, capacity);

    private TextSession Session(RequestPool pool, SequenceInput prompt) =>
        new(_model, _compute, pool, [prompt], newTokens: 6, choice: new GenerationOptions { MaxNewTokens = 6 }.Choice);

    private List<int> Generate(RequestPool pool, SequenceInput prompt)
    {
        using var session = Session(pool, prompt);
        session.EncodeMedia(_encoder);
        session.Prefill();
        var generator = new TokenGenerator(session, new GenerationOptions { MaxNewTokens = 6 }, [prompt.TokenIds]);
        while (generator.MoveNext()) generator.Step();
        return [.. generator.Ids(0)];
    }
}
