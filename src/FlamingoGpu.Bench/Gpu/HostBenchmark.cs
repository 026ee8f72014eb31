using System.Diagnostics;
using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Models;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>
/// Time of the host in a request: the engine as it is over a device that does nothing (<see cref="IdleDriver"/>), with
/// a model of shapes without weights.
/// </summary>
/// <param name="config">The model's shape.</param>
internal sealed class HostBenchmark(FlamingoConfig config)
{
    private const int Requests = 9;

    private readonly GenerationOptions _options = new() { MaxNewTokens = 2, BannedIds = [config.Tokens.Image] };

    /// <summary>
    /// Three rows for each request: kernels staged and loaded, graphs of new sizes bound (the same pictures again),
    /// everything as in the request before.
    /// </summary>
    public IEnumerable<BenchRow> Run(IEnumerable<(int Pictures, int Tokens)> prompts, CancellationToken stop)
    {
        using var model = OpenFlamingo.ShapeOnly(config, DType.BF16);
        using var driver = new IdleDriver();
        using var compute = ComputeDevice.Open(driver, DType.BF16);
        using var encoder = new MediaEncoder(model, compute);
        foreach (var (pictures, tokens) in prompts)
        {
            stop.ThrowIfCancellationRequested();
            var prompt = RandomRequest.Make(config, tokens, pictures);
            var name = $"host {pictures}+{tokens}";
            using var forgetful = new RequestPool(model, compute, long.MaxValue, capacity: 0); // all sizes are new to it
            yield return Row($"{name} first", [Measure(forgetful, prompt)]);
            yield return Row($"{name} new sizes", Repeat(forgetful));
            using var requests = new RequestPool(model, compute, long.MaxValue, RequestPool.CapacityFor(compute));
            Measure(requests, prompt);
            yield return Row(name, Repeat(requests));

            Phases[] Repeat(RequestPool pool) => [.. Enumerable.Range(0, Requests).Select(_ => Measure(pool, prompt))];
        }

        Phases Measure(RequestPool requests, SequenceInput prompt)
        {
            encoder.Forget();
            var (calls, bytes, start) = (driver.Calls, driver.UploadedBytes, Stopwatch.GetTimestamp());
            double Lap()
            {
                var from = start;
                start = Stopwatch.GetTimestamp();
                return Stopwatch.GetElapsedTime(from, start).TotalMilliseconds;
            }

            using var session = new TextSession(model, compute, requests, [prompt], 2, choice: _options.Choice);
            var setup = Lap();
            session.EncodeMedia(encoder);
            var media = Lap();
            session.Prefill();
            var prefill = Lap();
            var generator = new TokenGenerator(session, _options, [prompt.TokenIds]);
            generator.MoveNext();
            var choice = Lap();
            (calls, bytes) = (driver.Calls - calls, driver.UploadedBytes - bytes);
            generator.Step();
            return new Phases(setup, media, prefill, choice, Lap(), calls, bytes);
        }
    }

    private static BenchRow Row(string name, IReadOnlyList<Phases> requests)
    {
        double Median(Func<Phases, double> phase) => new Samples(requests.Select(phase)).Median;
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"setup {Median(p => p.Setup):0.00}, pictures {Median(p => p.Media):0.00}, "
            + $"prompt {Median(p => p.Prefill):0.00}, choice {Median(p => p.Choice):0.00}; "
            + $"then starting to decode {Median(p => p.Start):0.00}; "
            + $"{requests[^1].Calls:N0} calls, {requests[^1].Bytes >> 10:N0} KiB to the device");
        return new BenchRow(name, "ms", new Samples(requests.Select(p => p.FirstToken)), Note: note);
    }

    /// <summary>Milliseconds of the parts of a request, calls and bytes until its first token.</summary>
    private sealed record Phases(
        double Setup, double Media, double Prefill, double Choice, double Start, long Calls, long Bytes)
    {
        public double FirstToken => Setup + Media + Prefill + Choice;
    }
}
