using System.Numerics.Tensors;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;

namespace FlamingoGpu.Golden;

/// <summary>What the engine promises beyond right numbers, on the golden mpt-1b model.</summary>
[Collection(nameof(Alone))]
public sealed class EngineTests : IDisposable
{
    private const int Side = 32;
    private readonly FlamingoModel _model = SmallModel.Load(GoldenFolder.Of("openflamingo-mpt1b"));
    private readonly ComputeDevice _compute = ComputeDevice.Open("cpu", threads: 2);

    public void Dispose()
    {
        _compute.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Step_HundredTokens_AllocatesNothing()
    {
        using var session = Start([Prompt(1, 258, 5, 9)], newTokens: 130);
        var generator = new TokenGenerator(session, new GenerationOptions { MaxNewTokens = 130, Temperature = 0.8, TopK = 40, Seed = 3, StopIds = [257] }, [[1]]);
        for (var i = 0; i < 20; i++) Advance(generator); // code is compiled, threads are running
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < 100; i++) Advance(generator);

        Assert.Equal(0, GC.GetTotalAllocatedBytes(precise: true) - before);

        static void Advance(TokenGenerator generator)
        {
            if (generator.MoveNext()) generator.Step();
        }
    }

    [Fact]
    public void Run_Request_TouchesExactlyThePlannedArena()
    {
        const byte untouched = 0xA5;
        const int guard = 1 << 16;
        var shape = new RequestShape(Rows: 2, PromptTokens: 7, NewTokens: 3, Media: 3);
        var plan = MemoryPlan.For(_model, shape);
        using var graphs = new RequestGraphs(_model, _compute.Device, shape, Core.DType.F32);
        graphs.Allocate();
        using var arena = new Arena(_compute.Device, graphs.ArenaBytes + guard);
        var bytes = Bytes(arena);
        bytes.Fill(untouched);
        foreach (var graph in new[] { graphs.LargestMedia!, graphs.Project!, graphs.Prefill, graphs.Decode! })
        {
            var executor = new GraphExecutor(graph, _compute.Kernels, arena);
            foreach (var (name, input) in graph.Inputs) executor.Write<byte>(name, new byte[input.Type.ByteLength]);
            executor.Run();
        }

        Assert.Equal(plan.ArenaBytes, graphs.ArenaBytes);
        Assert.Equal(graphs.Cache.ByteLength, plan.KvCacheBytes);
        var peak = bytes.LastIndexOfAnyExcept(untouched) + 1;
        Assert.InRange(peak, plan.ArenaBytes - 255, plan.ArenaBytes); // storages are rounded up to 256 bytes
    }

    [Fact]
    public void RequestGraphs_NarrowCache_LeavesEverythingElseWide()
    {
        var shape = new RequestShape(Rows: 2, PromptTokens: 7, NewTokens: 3, Media: 3, ExtendTokens: 2);
        using var wide = new RequestGraphs(_model, _compute.Device, shape, Core.DType.F32);
        using var narrow = new RequestGraphs(_model, _compute.Device, shape, Core.DType.F32, kvCache: Core.DType.BF16);

        Assert.Equal(Core.DType.BF16, narrow.Cache.Type);
        Assert.Equal(wide.Cache.ByteLength, 2 * narrow.Cache.ByteLength);
        Assert.Equal(wide.MediaKv!.Type, narrow.MediaKv!.Type);
        foreach (var graph in new[] { narrow.Prefill, narrow.Decode!, narrow.Extend! })
            Assert.All(graph.Nodes, node => Assert.Equal(Core.DType.F32, node.Output.Type.DType));
        Assert.Equal(wide.ArenaBytes, narrow.ArenaBytes);
        Assert.Equal(
            narrow.Cache.ByteLength, MemoryPlan.For(_model, shape, kvCache: Core.DType.BF16).KvCacheBytes);
    }

    [Theory]
    [InlineData(Core.DType.BF16, 8)]
    [InlineData(Core.DType.F16, 11)]
    public void Step_NarrowCache_RoundsKeysAndValuesAndNothingElse(Core.DType type, int bits)
    {
        using var narrow = ComputeDevice.Open("cpu", threads: 2, kvCache: type);
        using var exact = Start([Prompt(1, 258, 5, 9)], newTokens: 4);
        using var rounded = Start([Prompt(1, 258, 5, 9)], newTokens: 4, compute: narrow);
        foreach (var id in new[] { 9, 100, 33 })
        {
            exact.Step([id]);
            rounded.Step([id]);
        }

        // A rounding of every key and value, once in each of the layers, moves the logits by a few units of it.
        var largest = MathF.Abs(TensorPrimitives.MaxMagnitude(exact.Logits(0)));
        var difference = TensorPrimitives.Distance(exact.Logits(0), rounded.Logits(0)) / MathF.Sqrt(rounded.Logits(0).Length);
        Assert.InRange(difference, 1e-7f * largest, MathF.ScaleB(_model.Language.Layers, -bits) * largest);
    }

    [Theory]
    [InlineData("cpu", Core.DType.I32, "f32, f16 or bf16")]
    [InlineData("virtual", Core.DType.BF16, "f32, the type of the activations")]
    public void Open_KvCacheTheDeviceDoesNotKeep_IsRefused(string device, Core.DType type, string possible)
    {
        var error = Assert.Throws<Core.InvalidRequestException>(() => ComputeDevice.Open(device, kvCache: type));
        Assert.EndsWith($"use {possible}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EncodeMedia_WholeRequest_ProjectsEachGatedLayerOnce()
    {
        var counter = new NodeCounter();
        using var session = Start([Prompt(3, 258, 5, 258, 9)], newTokens: 20, counter);
        for (var i = 0; i < 20; i++) session.Step([7]);

        foreach (var layer in _model.GatedLayers) Assert.Equal(1, counter.Runs.GetValueOrDefault($"xattn{layer}.media_kv.matmul"));
        Assert.Equal(_model.GatedLayers.Count, counter.Runs.Where(run => run.Key.Contains(".media_kv.", StringComparison.Ordinal)).Sum(run => run.Value));
        Assert.Equal(21, counter.Runs["head.matmul"]); // the prefill and 20 steps went through the same listener
    }

    [Fact]
    public void Encode_SamePictureAgain_EncodesNothing()
    {
        using var encoder = new MediaEncoder(_model, _compute);
        foreach (var expected in new[] { 2, 2 })
        {
            using var session = new TextSession(_model, _compute, [Prompt(1, 258, 5, 258, 258)], newTokens: 1);
            session.EncodeMedia(encoder); // pictures 1, 2 and again 1
            Assert.Equal(expected, encoder.EncodedCount);
        }

        Assert.True(encoder.HitCount > 0);
    }

    [Fact]
    public void Prefill_RowOfABatch_EqualsTheRowAlone()
    {
        SequenceInput[] rows = [Prompt(1, 258, 5, 9, 258, 11, 30, 31), Prompt(4, 8), Prompt(2, 9, 258, 4)];
        using var batch = Start(rows, newTokens: 4);
        for (var step = 0; step < 3; step++)
        {
            for (var row = 0; row < rows.Length; row++)
            {
                using var alone = Start([rows[row]], newTokens: 4);
                for (var i = 0; i < step; i++) alone.Step([40 + i]);
                AssertSame(alone.Logits(0), batch.Logits(row)); // kernels for one row add in another order
            }

            batch.Step([40 + step, 40 + step, 40 + step]);
        }
    }

    [Fact]
    public void Prefill_OneThreadOrMany_SameBits()
    {
        using var one = ComputeDevice.Open("cpu", threads: 1);
        using var session = Start([Prompt(1, 258, 5, 9)], newTokens: 2);
        using var other = Start([Prompt(1, 258, 5, 9)], newTokens: 2, compute: one);
        session.Step([12]);
        other.Step([12]);

        Assert.Equal(other.Logits(0).ToArray(), session.Logits(0).ToArray());
    }

    [Fact]
    public void Step_AfterPrefill_EqualsOneLongPrefill()
    {
        using var stepped = Start([Prompt(1, 258, 5)], newTokens: 4);
        foreach (var id in new[] { 9, 100, 33 }) stepped.Step([id]);
        using var whole = Start([Prompt(1, 258, 5, 9, 100, 33)], newTokens: 0);

        AssertSame(whole.Logits(0), stepped.Logits(0));
    }

    [Fact]
    public void Prefill_OtherPictureLaterInThePrompt_LeavesEarlierLogitsAlone()
    {
        float[] Logits(int picture)
        {
            // the logits of the first three tokens: a prompt cut there must not know the second picture
            using var session = Start([new SequenceInput([258, 5, 9, 258], [0, 3], [Picture(1), Picture(picture)])], newTokens: 0);
            return session.Logits(0).ToArray();
        }

        using var cut = Start([new SequenceInput([258, 5, 9], [0], [Picture(1)])], newTokens: 1);
        using var more = Start([new SequenceInput([258, 5, 9], [0], [Picture(1), Picture(8)])], newTokens: 1);
        AssertSame(cut.Logits(0), more.Logits(0));
        Assert.NotEqual(Logits(2), Logits(3)); // while from its own marker on, the picture counts
    }

    [Fact]
    public void Prefill_TextBeforeTheFirstPicture_DoesNotSeeIt()
    {
        using var with = Start([new SequenceInput([5, 9, 7], [], [Picture(4)])], newTokens: 0);
        using var without = Start([new SequenceInput([5, 9, 7], [], [])], newTokens: 0);

        Assert.Equal(without.Logits(0).ToArray(), with.Logits(0).ToArray());
    }

    [Fact]
    public void Prefill_ClosedGates_EqualsTheBareLanguageModel()
    {
        using var copy = GoldenFolder.Copy("openflamingo-mpt1b");
        ZeroGates(Path.Combine(copy.Path, "checkpoint.safetensors"));
        using var closed = SmallModel.Load(copy.Path);
        using var bareWeights = new ModelWeights();
        var bare = new FlamingoModel(
            closed.Config, closed.Vision, closed.Resampler, new GatedCrossAttentionBlock?[closed.Language.Layers], closed.Language, bareWeights);
        using var seeing = new TextSession(closed, _compute, [Prompt(1, 258, 5, 9)], newTokens: 0);
        using var encoder = new MediaEncoder(closed, _compute);
        seeing.EncodeMedia(encoder);
        seeing.Prefill();
        using var text = new TextSession(bare, _compute, [new SequenceInput([258, 5, 9], [], [])], newTokens: 0);
        text.Prefill();

        Assert.Equal(text.Logits(0).ToArray(), seeing.Logits(0).ToArray());
    }

    [Theory]
    [InlineData(new[] { 1, 2, 0 })] // a cycle
    [InlineData(new[] { 1, 1, 1 })]
    [InlineData(new[] { 2, 0, 0 })]
    [InlineData(new[] { 0, 1, 2 })]
    public void Reorder_Beams_EachRowContinuesItsParent(int[] parents)
    {
        using var session = Start([Prompt(1, 258, 5, 9)], newTokens: 6, replicas: 3);
        session.Step([30, 31, 32]);
        session.Step([40, 41, 42]);
        session.Reorder(parents);
        session.Step([50, 50, 50]);
        for (var row = 0; row < 3; row++)
        {
            using var alone = Start([Prompt(1, 258, 5, 9)], newTokens: 6);
            foreach (var id in new[] { 30 + parents[row], 40 + parents[row], 50 }) alone.Step([id]);
            AssertSame(alone.Logits(0), session.Logits(row));
        }
    }

    [Fact]
    public void Prefill_NonFiniteActivation_NamesTheNode()
    {
        using var copy = GoldenFolder.Copy("openflamingo-mpt1b");
        Patch(Path.Combine(copy.Path, "lm", "model.safetensors"), "transformer.blocks.1.ln_2.weight", float.MaxValue, count: 24);
        using var broken = SmallModel.Load(copy.Path);
        using var session = new TextSession(broken, _compute, [new SequenceInput([5, 9, 7], [], [])], newTokens: 0);

        var error = Assert.Throws<Core.NonFiniteException>(session.Prefill);
        Assert.StartsWith("lm1.ff", error.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_NonFiniteWeight_NamesTheTensor()
    {
        using var copy = GoldenFolder.Copy("openflamingo-mpt1b");
        Patch(Path.Combine(copy.Path, "lm", "model.safetensors"), "transformer.blocks.2.attn.Wqkv.weight", float.NaN);
        using var broken = SmallModel.Load(copy.Path);

        var error = Assert.Throws<Core.NonFiniteException>(() => FiniteCheck.Require(broken.Weights));
        Assert.Contains("transformer.blocks.2.attn.Wqkv.weight", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Equal but for the order of additions: two f32 runs of this model stay within 1e-4 (golden README).</summary>
    private static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.InRange(actual[i] - expected[i], -1e-4f, 1e-4f);
    }

    private TextSession Start(
        IReadOnlyList<SequenceInput> rows, int newTokens, IExecutionListener? listener = null, int replicas = 1, ComputeDevice? compute = null)
    {
        compute ??= _compute;
        var session = new TextSession(_model, compute, rows, newTokens, replicas);
        session.Listen(listener);
        using var encoder = new MediaEncoder(_model, compute);
        session.EncodeMedia(encoder);
        session.Prefill();
        return session;
    }

    /// <summary>A prompt whose markers (258) show pictures picture, picture + 1, picture, …</summary>
    private static SequenceInput Prompt(int picture, params int[] ids)
    {
        int[] markers = [.. Enumerable.Range(0, ids.Length).Where(i => ids[i] == 258)];
        return new SequenceInput(ids, markers, [.. markers.Select((_, i) => Picture(picture + i % 2))]);
    }

    private static MediaPixels Picture(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        return new MediaPixels([.. Enumerable.Range(0, 3 * Side * Side).Select(_ => (float)(2 * random.NextUnit() - 1))]);
    }

    private static void ZeroGates(string file)
    {
        foreach (var layer in new[] { 0, 1, 2 })
        {
            foreach (var gate in new[] { "attn_gate", "ff_gate" })
                Patch(file, $"lang_encoder.transformer.blocks.{layer}.gated_cross_attn_layer.{gate}", 0);
        }
    }

    internal static void Patch(string file, string tensor, float value, int count = 1)
    {
        long offset;
        using (var source = Formats.TensorSources.Open(file))
        {
            Assert.True(source.TryGet(tensor, out var entry));
            offset = entry.Offset;
        }

        using var stream = File.OpenWrite(file);
        stream.Position = offset;
        for (var i = 0; i < count; i++) stream.Write(BitConverter.GetBytes(value));
    }

    private static unsafe Span<byte> Bytes(Arena arena) => new((void*)arena.Address, checked((int)arena.ByteLength));

    private sealed class NodeCounter : IExecutionListener
    {
        public Dictionary<string, int> Runs { get; } = [];

        public void NodeStarting(GraphNode node, BoundKernel kernel)
        {
        }

        public void NodeCompleted(GraphNode node, BoundKernel kernel) => Runs[node.Label] = Runs.GetValueOrDefault(node.Label) + 1;
    }
}
