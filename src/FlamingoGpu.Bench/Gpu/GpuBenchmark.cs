// Kernels of a GPU at the models' shapes, through the ops' contracts. A run is enqueued as often as fills 20 ms between
// two events; seven readings, the first after a warm-up. One set of operands: weights of at most the level-2 cache are
// warm, which the note says. On the virtual GPU one run is counted, never timed.

using System.Diagnostics;
using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models.Tiny;
using FlamingoGpu.Runtime.Cuda;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>Measures the kernels of a GPU, then a whole model.</summary>
/// <param name="options">What to measure.</param>
public sealed class GpuBenchmark(GpuBenchOptions options)
{
    private const int Readings = 7;
    private const double ReadingMilliseconds = 20;

    /// <summary>Checks and measures every shape, then the model.</summary>
    /// <param name="progress">Hears the name of each part.</param>
    /// <param name="stop">Ends the run between two of them.</param>
    /// <exception cref="FlamingoException">A result is wrong, or the device failed.</exception>
    public GpuBenchReport Run(IProgress<string>? progress = null, CancellationToken stop = default)
    {
        var file = options.Peers is null ? null : new PeerFile(options.Peers);
        var rows = new List<BenchRow>();
        string? peer = null, reason = "skipped", clocks = null, description;
        bool isCounted;
        if (options.Device == "idle")
        {
            return new GpuBenchReport(
                "no device, the time of the host alone", TimeProvider.System.GetUtcNow(), false, options.IsSmall,
                [.. Host(progress, stop)], null, "there is no device");
        }

        using (var compute = ComputeDevice.Open(options.Device))
        {
            if (compute is not { Device: GpuDevice device, Kernels: GpuKernels kernels })
                throw new InvalidRequestException($"'{options.Device}' is no GPU.");
            isCounted = device.Driver is VirtualDriver;
            if (isCounted && !options.IsSmall)
                throw new InvalidRequestException("the virtual GPU is too slow for whole sizes; use --small.");
            description = device.Description;
            if (!options.Skip.HasFlag(BenchParts.Gemm))
            {
                reason = "the virtual GPU has no time to hold against a peer";
                using var cublas = isCounted ? null : Cublas.TryLoad(out reason);
                peer = cublas?.Name;
                foreach (var shape in options.IsSmall ? GpuShape.Small : GpuShape.Full)
                {
                    stop.ThrowIfCancellationRequested();
                    progress?.Report(shape.Name);
                    using var operands = new GpuOperands(device, shape);
                    var kernel = kernels.Bind(shape.Op, operands.Inputs, operands.Output);
                    rows.Add(isCounted ? Count((VirtualDriver)device.Driver, shape, kernel, operands)
                        : Time(device, shape, kernel, operands, cublas, file));
                }

                clocks = Clocks();
            }
        }

        if (!options.Skip.HasFlag(BenchParts.Model))
        {
            if (!isCounted) rows.AddRange(Host(progress, stop));
            rows.AddRange(Model(file, progress, stop));
            clocks ??= Clocks();
        }

        return new GpuBenchReport(
            description, TimeProvider.System.GetUtcNow(), isCounted, options.IsSmall, rows, peer,
                peer is null ? reason : null, clocks);
    }

    private string? Clocks()
    {
        if (!options.Device.StartsWith("cuda", StringComparison.Ordinal)) return null;
        return CudaClocks.TryRead(ComputeDevice.Ordinal(options.Device))?.ToString();
    }

    private IEnumerable<BenchRow> Host(IProgress<string>? progress, CancellationToken stop)
    {
        progress?.Report("the host's part of a request");
        return new HostBenchmark(options.Config).Run([(1, 32), (9, 512), (64, 256)], stop);
    }

    private List<BenchRow> Model(PeerFile? file, IProgress<string>? progress, CancellationToken stop)
    {
        progress?.Report("a model with random weights");
        var parent = options.WorkFolder ?? Path.GetTempPath();
        using var random = options.IsSmall ? null : RandomModel.Write(options.Config, DType.BF16, parent, stop);
        var tiny = random is null ? Directory.CreateTempSubdirectory("flamingo-bench-").FullName : null;
        try
        {
            if (tiny is not null) TinyModel.Write(tiny);
            progress?.Report("loading it");
            var start = Stopwatch.GetTimestamp();
            using var flamingo = Flamingo.Load(
                new FlamingoOptions { ModelPath = random?.Folder ?? tiny, Device = options.Device });
            var loading = Stopwatch.GetElapsedTime(start);
            progress?.Report("pictures, first token, decoding");
            var benchmark = new GpuModelBenchmark(flamingo, options.IsSmall ? [(1, 8)] : [(1, 32), (9, 512)], file);
            var rows = benchmark.Run(options.IsSmall ? [1] : [1, 8, 16, 64], stop);
            if (random is null) return [.. rows];
            return [Loading(flamingo, loading, random.FileBytes), benchmark.ColdRequest(), .. rows];
        }
        finally
        {
            if (tiny is not null) Directory.Delete(tiny, recursive: true);
        }
    }

    private static BenchRow Loading(Flamingo flamingo, TimeSpan time, long bytes) => new(
        $"{flamingo.Model.Config.Name} load", "s", new Samples([time.TotalSeconds]),
        Note: string.Create(CultureInfo.InvariantCulture,
            $"device opened, {bytes / 1e9:0.0} GB of weights read from cached file pages, checked and copied"));

    private static BenchRow Count(VirtualDriver driver, GpuShape shape, BoundKernel kernel, GpuOperands operands)
    {
        long instructions = 0, sectors = 0;
        void Add(LaunchReport report)
        {
            instructions += report.Counters.WarpInstructions;
            sectors += report.Counters.GlobalSectors;
        }

        driver.Launched += Add;
        try
        {
            kernel.Run();
        }
        finally
        {
            driver.Launched -= Add;
        }

        SampledCheck.Require(shape, operands);
        return new BenchRow(
            shape.Name, "warp instructions, counted", new Samples([instructions]),
            Note: string.Create(CultureInfo.InvariantCulture,
                $"{kernel.Variant}; {32 * sectors:N0} bytes in sectors, counted"));
    }

    private static BenchRow Time(
        GpuDevice device, GpuShape shape, BoundKernel kernel, GpuOperands operands, Cublas? cublas, PeerFile? file)
    {
        kernel.Run();
        SampledCheck.Require(shape, operands);
        // What others call causal attention does not fill the cache, so only the last launch is timed.
        Action run = shape.Op is CausalAttention ? kernel.Launches[^1].Run : kernel.Run;
        var ours = Rates(device, shape, run);
        var isWarm = operands.Inputs.Sum(input => input.Type.ByteLength) <= device.Properties.CacheBytes;
        var variant = shape.Op is CausalAttention ? kernel.Launches[^1].Variant : kernel.Variant;
        var note = $"{variant}{(isWarm ? "; operands fit the level-2 cache" : "")}";
        (string Name, double Value)? peer = file?.Find(shape);
        if (cublas is not null && shape.Sizes is var (m, n, k))
        {
            var (x, w, y) = (operands.Inputs[0].Address, operands.Inputs[1].Address, operands.Output.Address);
            cublas.Multiply(m, n, k, x, w, y);
            SampledCheck.Require(shape, operands);
            var theirs = Rates(device, shape, () => cublas.Multiply(m, n, k, x, w, y)).Median;
            if (peer is null || theirs > peer.Value.Value) peer = (cublas.Name, theirs);
        }

        return new BenchRow(shape.Name, shape.Unit, ours, peer?.Name, peer?.Value,
            peer is { } best ? ours.Median / best.Value : null, note);
    }

    /// <summary>Units of work a second, by events on the device.</summary>
    private static Samples Rates(GpuDevice device, GpuShape shape, Action run)
    {
        using var start = device.Driver.CreateEvent(timed: true);
        using var end = device.Driver.CreateEvent(timed: true);
        double Milliseconds(int runs)
        {
            device.Stream.Record(start);
            for (var i = 0; i < runs; i++) run();
            device.Stream.Record(end);
            end.Synchronize();
            return end.MillisecondsSince(start) / runs;
        }

        var count = (int)Math.Clamp(ReadingMilliseconds / Math.Max(Milliseconds(3), 1e-4), 1, 5000);
        Milliseconds(count);
        return new Samples(Enumerable.Range(0, Readings).Select(_ => 1e3 * shape.Work / Milliseconds(count)));
    }
}
