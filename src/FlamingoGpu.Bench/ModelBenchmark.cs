// Whole requests through the engine: pictures, prompt, greedy decoding, as generate runs them.
//
// Decoding is bound by reading the weights, and a machine's bandwidth changes with what its neighbours do. So every
// burst of tokens stands between two readings of the bandwidth, and the share is the median over bursts.

using System.Diagnostics;
using FlamingoGpu.Core;
using FlamingoGpu.Models;
using FlamingoGpu.Profiling;

namespace FlamingoGpu.Bench;

/// <summary>Measures a loaded model.</summary>
internal sealed class ModelBenchmark(BenchOptions options, Flamingo flamingo, MachineProbes probes, double multiplyAddPeak)
{
    private const int ProfiledSteps = 4;
    private const int MostTokensPerBurst = 64;

    private readonly FlamingoModel _model = flamingo.Model;
    private readonly SequenceInput _prompt = RandomRequest.Make(flamingo.Model.Config, options.Context, options.Images);
    private readonly long _decodeBytes = options.WeightType.ByteSize(DecodeCost.Parameters(flamingo.Model));

    /// <summary>The figures so far.</summary>
    public List<BenchRow> Rows { get; } = [];

    /// <summary>Time by kernel; filled by <see cref="Profile"/>.</summary>
    public List<OperationTime> Operations { get; } = [];

    /// <summary>Weight bytes per second of the decode steps as a share of the bandwidth beside them.</summary>
    public double DecodeBandwidth { get; private set; }

    /// <summary>Pictures, prompt and first token of whole requests; then decoding behind the last one.</summary>
    public void Run(CancellationToken cancellation)
    {
        WarmUp();
        var (media, prefill, first) = (new List<double>(), new List<double>(), new List<double>());
        for (var request = 1; request <= options.Requests; request++)
        {
            cancellation.ThrowIfCancellationRequested();
            var burst = TokensPerBurst();
            var newTokens = request == options.Requests ? burst * options.Rounds + 2 : 2;
            var start = Stopwatch.GetTimestamp();
            using var session = NewSession(newTokens);
            var encoding = Stopwatch.GetTimestamp();
            session.EncodeMedia(FreshEncoder());
            var prefilling = Stopwatch.GetTimestamp();
            session.Prefill();
            var prefilled = Stopwatch.GetTimestamp();
            var generator = new TokenGenerator(session, Greedy(newTokens), [_prompt.TokenIds]);
            generator.MoveNext();
            first.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            media.Add(Stopwatch.GetElapsedTime(encoding, prefilling).TotalMilliseconds);
            prefill.Add(options.Context / Stopwatch.GetElapsedTime(prefilling, prefilled).TotalSeconds);
            if (request == options.Requests) Decode(generator, burst, cancellation);
        }

        AddRequestRows(new Samples(media), new Samples(prefill), new Samples(first));
    }

    /// <summary>Runs one more request with a listener that stops the time of every node.</summary>
    public void Profile()
    {
        using var session = NewSession(ProfiledSteps + 1);
        using var image = Profiler.On(Compute.Device);
        using var prefill = Profiler.On(Compute.Device);
        using var decode = Profiler.On(Compute.Device);
        var encoder = FreshEncoder();
        encoder.Listener = image;
        session.Listen(image);
        session.EncodeMedia(encoder);
        session.Listen(prefill);
        session.Prefill();
        session.Listen(decode);
        var generator = new TokenGenerator(session, Greedy(ProfiledSteps + 1), [_prompt.TokenIds]);
        for (var step = 0; step < ProfiledSteps; step++)
        {
            generator.MoveNext();
            generator.Step();
        }

        Operations.AddRange(
        [
            .. OperationTime.Of("decode", decode.Finish(), ProfiledSteps), .. OperationTime.Of("prefill", prefill.Finish(), 1),
            .. OperationTime.Of("image", image.Finish(), 1),
        ]);
    }

    /// <summary>The vision kernels are compiled when they first run; those of the text have run in the check.</summary>
    private void WarmUp()
    {
        using var session = NewSession(newTokens: 1);
        session.EncodeMedia(FreshEncoder());
    }

    private void Decode(TokenGenerator generator, int burst, CancellationToken cancellation)
    {
        generator.Step();
        var (rates, shares, bandwidths) = (new List<double>(), new List<double>(), new List<double>());
        var before = probes.ReadBandwidth().Median;
        for (var round = 0; round < options.Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            for (var token = 0; token < burst; token++)
            {
                generator.MoveNext();
                generator.Step();
            }

            var rate = burst / Stopwatch.GetElapsedTime(start).TotalSeconds;
            var after = probes.ReadBandwidth().Median;
            rates.Add(rate);
            bandwidths.Add((before + after) / 2);
            shares.Add(rate * _decodeBytes / 1e9 / bandwidths[^1]);
            before = after;
        }

        var (decode, share) = (new Samples(rates), new Samples(shares));
        var bandwidth = new Samples(bandwidths).Median;
        DecodeBandwidth = share.Median;
        Rows.Add(new BenchRow(
            $"tg{burst} @ {options.Context}", "tokens/s", decode,
            "read bandwidth", bandwidth * 1e9 / _decodeBytes, share.Median,
            FormattableString.Invariant($"greedy sampling included; bursts {share.Minimum:0.00} to {share.Maximum:0.00}")));
        Rows.Add(new BenchRow(
            "decode weight bytes", "GB/s", decode.Select(rate => rate * _decodeBytes / 1e9),
            "read bandwidth", bandwidth, share.Median,
            FormattableString.Invariant($"{_decodeBytes:N0} bytes a step")));
    }

    private void AddRequestRows(Samples media, Samples prefill, Samples first)
    {
        var prefillFlops = DecodeCost.PrefillFlops(_model, options.Context, options.Images);
        var prefillRoof = multiplyAddPeak * 1e9 / prefillFlops * options.Context;
        Rows.Add(new BenchRow(
            $"pp{options.Context}", "tokens/s", prefill, "fma peak", prefillRoof, prefill.Median / prefillRoof,
            FormattableString.Invariant($"{prefillFlops / 1e9:N0} GFLOP")));
        if (options.Images > 0)
        {
            var mediaFlops = DecodeCost.MediaFlops(_model, options.Images);
            var mediaRoof = mediaFlops / multiplyAddPeak / 1e6;
            Rows.Add(new BenchRow(
                $"img{options.Images}", "ms", media, "fma peak", mediaRoof, mediaRoof / media.Median,
                FormattableString.Invariant($"media keys and values included; {mediaFlops / 1e9:N0} GFLOP")));
        }

        Rows.Add(new BenchRow(
            $"ttft img{options.Images}+pp{options.Context}", "ms", first,
            Note: "new request to first token: memory, pictures, prompt, sampling"));
    }

    /// <summary>So many that a burst takes the time asked for at the speed of the memory, if the context has room.</summary>
    private int TokensPerBurst()
    {
        var secondsPerToken = _decodeBytes / (probes.ReadBandwidth().Median * 1e9);
        var room = (_model.Language.Context - options.Context - 2) / options.Rounds;
        var most = Math.Clamp(room, 1, MostTokensPerBurst);
        return (int)Math.Clamp(Math.Ceiling(options.Burst.TotalSeconds / secondsPerToken), 1, most);
    }

    private TextSession NewSession(int newTokens) =>
        new(_model, Compute, [_prompt], newTokens);

    /// <summary>The vision side without memory of the pictures.</summary>
    private MediaEncoder FreshEncoder()
    {
        flamingo.Media.Forget();
        flamingo.Media.Listener = null;
        return flamingo.Media;
    }

    private ComputeDevice Compute => flamingo.Compute.With(options.Kernels(flamingo.Compute.Kernels));

    private GenerationOptions Greedy(int newTokens) =>
        new() { MaxNewTokens = newTokens, BannedIds = [_model.Config.Tokens.Image] };
}
