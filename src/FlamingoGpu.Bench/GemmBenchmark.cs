// The product's matrix kernels, bound through the op's contract, against OpenBLAS' sgemm: y[M,N] = x[M,K] · w[N,K]ᵀ.
//
// One thread: calls alternate in one process, who is first alternates too, and the ratio is the median over pairs, so a
// machine that changes its speed changes both. All threads: bursts alternate, with a pause between, because both
// libraries' threads spin for a while after a call. Each call takes a copy of w that has left the caches.

using System.Diagnostics;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Bench;

/// <summary>Measures matrix products; results are compared before anything is timed.</summary>
internal sealed unsafe class GemmBenchmark : IDisposable
{
    private const int LeastPairs = 15;
    private const int WarmUpPairs = 2;
    private const int Bursts = 5;
    private const int CheckedElements = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60);

    private readonly BenchOptions _options;
    private readonly MachineFacts _machine;
    private readonly OpenBlas? _peer;
    private readonly double _peakOfOneThread;
    private readonly CpuDevice _one = new(threads: 1);
    private readonly CpuDevice _all;
    private readonly CpuKernels _oneKernels;
    private readonly CpuKernels _allKernels;

    public GemmBenchmark(BenchOptions options, MachineFacts machine, double peakOfOneThread)
    {
        (_options, _machine, _peakOfOneThread) = (options, machine, peakOfOneThread);
        _all = new CpuDevice(options.Threads);
        (_oneKernels, _allKernels) = (new CpuKernels(_one), new CpuKernels(_all));
        try
        {
            var peer = OpenBlas.Load(options.OpenBlasLibrary);
            (PeerName, PeerVersion) = ($"OpenBLAS {peer.CoreName}", peer.Config);
            MissingPeerReason = peer.UnfitReason;
            if (MissingPeerReason is null) _peer = peer;
        }
        catch (DeviceException error)
        {
            MissingPeerReason = error.Message;
        }
    }

    /// <summary>The peer with its kernels' name, or null when it was not found.</summary>
    public string? PeerName { get; }

    /// <summary>Its version and how it was built, or null when it was not found.</summary>
    public string? PeerVersion { get; }

    /// <summary>Why there are no ratios, or null when there are.</summary>
    public string? MissingPeerReason { get; }

    /// <summary>The figures so far.</summary>
    public List<BenchRow> Rows { get; } = [];

    /// <summary>What was compared so far.</summary>
    public List<string> Checks { get; } = [];

    /// <summary>Measures one shape.</summary>
    /// <returns>Speed relative to OpenBLAS with one thread, or null without a peer: f32 weights, bf16 weights.</returns>
    /// <exception cref="FlamingoException">A result is wrong.</exception>
    public (double? F32, double? Bf16) Run(GemmShape shape, CancellationToken cancellation)
    {
        using var operands = new GemmOperands(_one, shape, _machine.LastLevelCacheBytes);
        var ratios = new Dictionary<DType, double?>();
        foreach (var type in (ReadOnlySpan<DType>)[DType.F32, DType.BF16])
        {
            var one = operands.Bind(_options.Kernels(_oneKernels), type);
            var all = operands.Bind(_options.Kernels(_allKernels), type);
            _peer?.SetThreads(1);
            Check(operands, one[0], type);
            Check(operands, all[0], type);
            cancellation.ThrowIfCancellationRequested();
            ratios[type] = RunPairs(operands, one, type);
            cancellation.ThrowIfCancellationRequested();
            RunBursts(operands, all, type);
        }

        return (ratios[DType.F32], ratios[DType.BF16]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _oneKernels.Dispose();
        _allKernels.Dispose();
        _one.Dispose();
        _all.Dispose();
    }

    private double? RunPairs(GemmOperands operands, BoundKernel[] ours, DType type)
    {
        var (speeds, peerSpeeds, ratios) = (new List<double>(), new List<double>(), new List<double>());
        var begin = Stopwatch.GetTimestamp();
        var least = WarmUpPairs + LeastPairs;
        for (var pair = 0; pair < least || Stopwatch.GetElapsedTime(begin) < _options.GemmTime; pair++)
        {
            var (copy, peerCopy) = (2 * pair % operands.Copies, (2 * pair + 1) % operands.Copies);
            double time = 0, peerTime = 0;
            if (pair % 2 == 0) time = Time(ours[copy].Run);
            if (_peer is not null) peerTime = Time(() => operands.Multiply(_peer, peerCopy));
            if (pair % 2 == 1) time = Time(ours[copy].Run);
            if (pair < WarmUpPairs) continue;
            speeds.Add(operands.Shape.Flops / time / 1e9);
            if (_peer is null) continue;
            peerSpeeds.Add(operands.Shape.Flops / peerTime / 1e9);
            ratios.Add(peerTime / time);
        }

        var values = new Samples(speeds);
        var name = $"gemm {type.ShortName()} {operands.Shape}, 1 thread";
        if (_peer is null)
        {
            Rows.Add(new BenchRow(
                name, "GFLOP/s", values, "fma peak", _peakOfOneThread, values.Median / _peakOfOneThread, ours[0].Variant));
            return null;
        }

        var ratio = new Samples(ratios);
        var note = FormattableString.Invariant($"{ours[0].Variant}; pairs {ratio.Minimum:0.00} to {ratio.Maximum:0.00}; ")
            + FormattableString.Invariant($"{values.Median / _peakOfOneThread:0.00} of fma peak");
        Rows.Add(new BenchRow(name, "GFLOP/s", values, PeerName, new Samples(peerSpeeds).Median, ratio.Median, note));
        return ratio.Median;
    }

    private void RunBursts(GemmOperands operands, BoundKernel[] ours, DType type)
    {
        var next = 0;
        int NextCopy() => next++ % operands.Copies;
        _peer?.SetThreads(_all.Pool.ThreadCount);
        var (speeds, peerSpeeds, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var burst = 0; burst < Bursts; burst++)
        {
            var time = MedianOfBurst(() => ours[NextCopy()].Run());
            speeds.Add(operands.Shape.Flops / time / 1e9);
            if (_peer is null) continue;
            var peerTime = MedianOfBurst(() => operands.Multiply(_peer, NextCopy()));
            peerSpeeds.Add(operands.Shape.Flops / peerTime / 1e9);
            ratios.Add(peerTime / time);
        }

        var threads = _all.Pool.ThreadCount == 1 ? "all of 1 thread" : $"{_all.Pool.ThreadCount} threads";
        var name = $"gemm {type.ShortName()} {operands.Shape}, {threads}";
        if (_peer is null)
        {
            Rows.Add(new BenchRow(name, "GFLOP/s", new Samples(speeds)));
            return;
        }

        var (ratio, peer) = (new Samples(ratios), new Samples(peerSpeeds));
        var note = FormattableString.Invariant($"bursts {ratio.Minimum:0.00} to {ratio.Maximum:0.00}; ")
            + FormattableString.Invariant($"peer {peer.Minimum:0.0} to {peer.Maximum:0.0}");
        Rows.Add(new BenchRow(name, "GFLOP/s", new Samples(speeds), PeerName, peer.Median, ratio.Median, note));
    }

    /// <summary>Median of the calls of a burst; before it, the threads of the other library get time to go to sleep.</summary>
    private double MedianOfBurst(Action call)
    {
        using (var pause = new ManualResetEventSlim()) pause.Wait(Pause);
        call();
        var times = new List<double>();
        var begin = Stopwatch.GetTimestamp();
        while (times.Count < 3 || Stopwatch.GetElapsedTime(begin) < _options.GemmTime / 20) times.Add(Time(call));
        return new Samples(times).Median;
    }

    private static double Time(Action call)
    {
        var start = Stopwatch.GetTimestamp();
        call();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>
    /// Compares single elements with a double-precision sum, and all with the peer. An inner product of length K rounds
    /// K times with errors of either sign: √K·u of the largest result, doubled (see <see cref="ModelCheck"/>), and once
    /// more for the peer's own rounding.
    /// </summary>
    private void Check(GemmOperands operands, BoundKernel kernel, DType type)
    {
        var shape = operands.Shape;
        var elements = shape.M * shape.N;
        var y = new ReadOnlySpan<float>(operands.Y, elements);
        new Span<float>(operands.Y, elements).Fill(float.NaN);
        kernel.Run();

        double largest = 0, worst = 0;
        foreach (var value in y) largest = Math.Max(largest, Math.Abs(value));
        var bound = 2 * Math.Sqrt(shape.K) / (1 << 24) * largest;
        var step = Math.Max(1, elements / CheckedElements) | 1; // odd, to meet all columns of a tile
        for (var i = 0; i < elements; i += step)
            Require(i, Sum(operands, i / shape.N, i % shape.N), bound, "a double-precision loop");
        if (_peer is not null)
        {
            operands.Multiply(_peer, copy: 0);
            for (var i = 0; i < elements; i++) Require(i, operands.YPeer[i], 2 * bound, PeerName!);
        }

        var result = $"gemm {type.ShortName()} {shape}, {kernel.Variant}: "
            + FormattableString.Invariant($"max difference {worst:0.0e+0}, bound {bound:0.0e+0}");
        if (!Checks.Contains(result)) Checks.Add(result); // any number of threads gives the same bits

        void Require(int i, double expected, double limit, string source)
        {
            var difference = Math.Abs(operands.Y[i] - expected);
            worst = Math.Max(worst, difference);
            if (difference <= limit) return;
            throw new FlamingoException(FormattableString.Invariant(
                $"gemm {type.ShortName()} {shape}: row {i / shape.N}, column {i % shape.N} is {operands.Y[i]:R}, ")
                + FormattableString.Invariant($"{source} gives {expected:R}; the bound of the difference is {limit:0.0e+0}. ")
                + "No figure is printed.");
        }
    }

    private static double Sum(GemmOperands operands, int row, int column)
    {
        var x = operands.X + (long)row * operands.Shape.K;
        var w = operands.Weight(0) + (long)column * operands.Shape.K;
        double sum = 0;
        for (var k = 0; k < operands.Shape.K; k++) sum += (double)x[k] * w[k];
        return sum;
    }
}
