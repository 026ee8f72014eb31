// Kernels of a GPU at the models' shapes, through the ops' contracts. A run is enqueued as often as fills 20 ms between two
// events; seven readings, the first after a warm-up. One set of operands: weights of at most the level-2 cache are warm,
// which the note says. On the virtual GPU one run is counted, never timed.

using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>Measures the kernels of a GPU.</summary>
/// <param name="device">The device.</param>
/// <param name="kernels">Its kernels.</param>
/// <param name="isSmall">Small shapes only, as for a dry run.</param>
/// <param name="peers">File with figures of other libraries on the same machine, or null.</param>
public sealed class GpuBenchmark(GpuDevice device, GpuKernels kernels, bool isSmall, string? peers)
{
    private const int Readings = 7;
    private const double ReadingMilliseconds = 20;

    /// <summary>Checks and measures every shape.</summary>
    /// <param name="progress">Hears the name of each shape.</param>
    /// <param name="stop">Ends the run between two shapes.</param>
    /// <exception cref="FlamingoException">A result is wrong, or the device failed.</exception>
    public GpuBenchReport Run(IProgress<string>? progress = null, CancellationToken stop = default)
    {
        var isCounted = device.Driver is VirtualDriver;
        var file = peers is null ? null : new PeerFile(peers);
        string? reason = "the virtual GPU has no time to hold against a peer";
        using var cublas = isCounted ? null : Cublas.TryLoad(out reason);
        var rows = new List<BenchRow>();
        foreach (var shape in isSmall ? GpuShape.Small : GpuShape.Full)
        {
            stop.ThrowIfCancellationRequested();
            progress?.Report(shape.Name);
            using var operands = new GpuOperands(device, shape);
            var kernel = kernels.Bind(shape.Op, operands.Inputs, operands.Output);
            rows.Add(isCounted ? Count(shape, kernel, operands) : Time(shape, kernel, operands, cublas, file));
        }

        return new GpuBenchReport(
            device.Description, TimeProvider.System.GetUtcNow(), isCounted, isSmall, rows, cublas?.Name, cublas is null ? reason : null);
    }

    private BenchRow Count(GpuShape shape, BoundKernel kernel, GpuOperands operands)
    {
        var driver = (VirtualDriver)device.Driver;
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
            Note: string.Create(CultureInfo.InvariantCulture, $"{kernel.Variant}; {32 * sectors:N0} bytes in sectors, counted"));
    }

    private BenchRow Time(GpuShape shape, BoundKernel kernel, GpuOperands operands, Cublas? cublas, PeerFile? file)
    {
        kernel.Run();
        SampledCheck.Require(shape, operands);
        var ours = Rates(shape, kernel.Run);
        var note = $"{kernel.Variant}{(operands.Inputs.Sum(input => input.Type.ByteLength) <= device.Properties.CacheBytes ? "; operands fit the level-2 cache" : "")}";
        (string Name, double Value)? peer = file?.Find(shape);
        if (cublas is not null && shape.Sizes is var (m, n, k))
        {
            var (x, w, y) = (operands.Inputs[0].Address, operands.Inputs[1].Address, operands.Output.Address);
            cublas.Multiply(m, n, k, x, w, y);
            SampledCheck.Require(shape, operands);
            var theirs = Rates(shape, () => cublas.Multiply(m, n, k, x, w, y)).Median;
            if (peer is null || theirs > peer.Value.Value) peer = (cublas.Name, theirs);
        }

        return new BenchRow(shape.Name, shape.Unit, ours, peer?.Name, peer?.Value, peer is { } best ? ours.Median / best.Value : null, note);
    }

    /// <summary>Units of work a second, by events on the device.</summary>
    private Samples Rates(GpuShape shape, Action run)
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
