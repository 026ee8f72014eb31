// A whole model with random weights on a GPU, through the engine as generate runs it. Wall clock around calls that wait
// for their result; on the virtual GPU warp instructions instead, of one call each.

using System.Diagnostics;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>Measures pictures, first token and decoding of a loaded model.</summary>
internal sealed class GpuModelBenchmark(
    Flamingo flamingo, (int Pictures, int Tokens)[] prompts, PeerFile? peers)
{
    private const int Requests = 4;
    private const int Steps = 64;
    private const int Ahead = 4; // tokens before the first that is timed

    private readonly FlamingoModel _model = flamingo.Model;
    private readonly ComputeDevice _compute = flamingo.Compute;
    private readonly VirtualDriver? _virtual = (flamingo.Compute.Device as GpuDevice)?.Driver as VirtualDriver;

    /// <summary>The first request of a process: waits for kernels that are still being assembled or loaded.</summary>
    public BenchRow ColdRequest()
    {
        var (pictures, tokens) = prompts[0];
        var prompt = RandomRequest.Make(_model.Config, tokens, pictures);
        return Row(
            $"{_model.Config.Name} first request {pictures}+{tokens}", "ms", [Cost(() => FirstToken(prompt))],
            seconds => 1e3 * seconds, "right behind loading; kernels may come out of the cache of an earlier run");
    }

    /// <summary>Vision alone, pictures, first token, decoding.</summary>
    public IEnumerable<BenchRow> Run(int[] pictureCounts, CancellationToken stop)
    {
        foreach (var pictures in pictureCounts)
        {
            stop.ThrowIfCancellationRequested();
            var prompt = RandomRequest.Make(_model.Config, 4 * pictures, pictures);
            yield return Vision(prompt.Media);
            yield return Row(
                $"{_model.Config.Name} img{pictures}", "images/s", Measure(() =>
                {
                    flamingo.Media.Forget();
                    using var session = new TextSession(_model, _compute, flamingo.Requests, [prompt], 1);
                    return Cost(() => session.EncodeMedia(flamingo.Media));
                }),
                seconds => pictures / seconds,
                    "vision encoder, resampler, media keys and values; new pictures every time");
        }

        foreach (var (pictures, tokens) in prompts)
        {
            stop.ThrowIfCancellationRequested();
            var prompt = RandomRequest.Make(_model.Config, tokens, pictures);
            yield return Row(
                $"{_model.Config.Name} ttft {pictures}+{tokens}", "ms", Measure(() => Cost(() => FirstToken(prompt))),
                seconds => 1e3 * seconds, "request with new pictures to first token; sizes as in the request before");
        }

        foreach (var row in Decode(RandomRequest.Make(_model.Config, prompts[^1].Tokens, prompts[^1].Pictures)))
            yield return row;
    }

    private void FirstToken(SequenceInput prompt)
    {
        flamingo.Media.Forget();
        using var session = new TextSession(_model, _compute, flamingo.Requests, [prompt], 2, choice: Greedy(2).Choice);
        session.EncodeMedia(flamingo.Media);
        session.Prefill();
        new TokenGenerator(session, Greedy(2), [prompt.TokenIds]).MoveNext();
    }

    /// <summary>Token to token, what a step is made of, and what of its time is the device's.</summary>
    private List<BenchRow> Decode(SequenceInput prompt)
    {
        var steps = _virtual is null ? Steps : 1;
        var greedy = Greedy(steps + Ahead + 1);
        using var session = new TextSession(
            _model, _compute, flamingo.Requests, [prompt], 2 * steps + Ahead + 2, choice: greedy.Choice);
        session.EncodeMedia(flamingo.Media);
        session.Prefill();
        var generator = new TokenGenerator(session, greedy, [prompt.TokenIds]);
        void Next()
        {
            generator.MoveNext(); // waits for a token; the device is one step ahead
            generator.Step();
        }

        Next(); // recorded here
        var nodes = ((GpuDevice)_compute.Device).RecordedNodes;
        for (var i = 0; i < Ahead; i++) Next(); // the device has run ahead of the host meanwhile
        var costs = new List<double>();
        for (var i = 0; i < steps; i++) costs.Add(Cost(Next, waits: false));
        var name = $"{_model.Config.Name} decode @{prompt.TokenIds.Count}";
        List<BenchRow> rows =
        [
            Row(name, "tokens/s", costs, seconds => 1 / seconds,
                "one row; from token to token on the host, choice included"),
            new($"{name} step", "kernels and copies", new Samples([nodes]), Note: "nodes of the recorded step"),
        ];
        if (_virtual is not null) return rows;
        var device = DeviceSeconds(() => session.RunAloneOnDevice(steps)) / steps;
        rows.Add(new($"{name} device", "us a step", new Samples([1e6 * device]),
            Note: "the recorded step enqueued over and over, nobody waiting for its tokens; mean"));
        rows.Add(new($"{name} host", "us a step", new Samples([1e6 * (costs.Average() - device)]),
            Note: "time from token to token beyond the device's; means"));
        return rows;
    }

    /// <summary>Seconds of the device for what is enqueued, from the end of all before it on.</summary>
    private double DeviceSeconds(Action enqueue)
    {
        var device = (GpuDevice)_compute.Device;
        using var begin = device.Driver.CreateEvent(timed: true);
        using var end = device.Driver.CreateEvent(timed: true);
        device.Stream.Record(begin);
        enqueue();
        device.Stream.Record(end);
        device.Synchronize();
        return 1e-3 * end.MillisecondsSince(begin);
    }

    /// <summary>The vision encoder alone, pixels on the device.</summary>
    private BenchRow Vision(IReadOnlyList<MediaPixels> pictures)
    {
        var graph = _model.VisionGraph(pictures.Count, _compute.Activations);
        using var arena = new Arena(_compute.Device, graph.ArenaBytes);
        using var executor = new GraphExecutor(graph, _compute.Kernels, arena);
        executor.Write<float>("pixels", [.. pictures.SelectMany(picture => picture.Pixels.ToArray())]);
        return Row(
            $"{_model.Config.Name} vision b{pictures.Count}", "images/s", Measure(() => Cost(executor.Run)),
            seconds => pictures.Count / seconds, "vision encoder alone, pixels on the device");
    }

    private BenchRow Row(string name, string unit, List<double> costs, Func<double, double> rate, string note)
    {
        if (_virtual is not null) return new BenchRow(
            name, "warp instructions, counted", new Samples(costs), Note: note);
        var ours = new Samples(costs.Select(rate));
        var peer = peers?.FindModel(name, unit);
        return new BenchRow(
            name, unit, ours, peer?.Name, peer?.Value,
                peer is { } value ? unit == "ms" ? value.Value / ours.Median : ours.Median / value.Value : null, note);
    }

    /// <summary>
    /// Several costs; two before them do not count: the first binds, the second records. One on the virtual GPU, where
    /// all are the same.
    /// </summary>
    private List<double> Measure(Func<double> cost)
    {
        if (_virtual is not null) return [cost()];
        cost();
        cost();
        return [.. Enumerable.Range(0, Requests).Select(_ => cost())];
    }

    /// <summary>Seconds, or warp instructions; unless <paramref name="waits"/> is false, until the device is idle.</summary>
    private double Cost(Action run, bool waits = true)
    {
        if (_virtual is null)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            if (waits) _compute.Device.Synchronize();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        long instructions = 0;
        void Add(LaunchReport report) => instructions += report.Counters.WarpInstructions;
        _virtual.Launched += Add;
        try
        {
            run();
            return instructions;
        }
        finally
        {
            _virtual.Launched -= Add;
        }
    }

    private GenerationOptions Greedy(int newTokens) =>
        new() { MaxNewTokens = newTokens, BannedIds = [_model.Config.Tokens.Image] };
}
