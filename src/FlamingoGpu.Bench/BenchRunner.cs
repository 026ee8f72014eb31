using FlamingoGpu.Core;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Bench;

/// <summary>
/// Measures the machine, then the model and its matrix products against it, in one run. Nothing is measured before its
/// result was compared with a naive calculation.
/// </summary>
/// <param name="options">What to measure.</param>
/// <param name="progress">Told what comes next; may be null.</param>
public sealed class BenchRunner(BenchOptions options, IProgress<string>? progress = null)
{
    private const long SpareBytes = 1536L << 20; // caches of the request, activations, the process itself

    private readonly List<BenchRow> _rows = [];
    private readonly List<string> _checks = [];
    private readonly List<OperationTime> _operations = [];
    private readonly Dictionary<string, Samples> _probes = [];
    private readonly Dictionary<string, string> _reasons = [];
    private readonly Dictionary<GemmShape, double?> _gemm = [];
    private readonly Dictionary<GemmShape, double?> _gemmBf16 = [];
    private double? _decodeBandwidth;
    private double? _peakMemory;
    private string? _peer;

    /// <summary>Runs everything; takes minutes for a published shape.</summary>
    /// <exception cref="InvalidRequestException">An option is out of range.</exception>
    /// <exception cref="FlamingoException">A result is wrong, or the weights cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public BenchReport Run(CancellationToken cancellation = default)
    {
        options.Validate();
        using var device = new CpuDevice(options.Threads);
        var machine = MachineFacts.Of(device);
        using var shapes = OpenFlamingo.ShapeOnly(options.Config, options.WeightType);
        progress?.Report("limits of the machine");
        using (var probes = new MachineProbes(device, options.ProbeBytes, options.ProbeTime))
        {
            _probes["memory_read_gb_s"] = probes.ReadBandwidth();
            _probes["memory_read_one_thread_gb_s"] = probes.ReadBandwidthOfOneThread();
            _probes["fma_gflop_s"] = probes.MultiplyAddPeak();
            _probes["fma_one_thread_gflop_s"] = probes.MultiplyAddPeakOfOneThread();
            MeasureModel(device, shapes, probes, cancellation);
        }

        MeasureGemm(machine, cancellation);
        return new BenchReport
        {
            Machine = machine,
            Date = TimeProvider.System.GetUtcNow(),
            Shape = options.Config.Name,
            WeightType = options.WeightType,
            Context = options.Context,
            Images = options.Images,
            Parameters = shapes.Weights.Records.Sum(record => record.Parameters),
            DecodeParameters = DecodeCost.Parameters(shapes),
            Probes = _probes,
            Checks = _checks,
            Rows = _rows,
            Operations = _operations,
            DecodeBandwidth = _decodeBandwidth,
            GemmOpenBlas = _gemm,
            GemmOpenBlasBf16 = _gemmBf16,
            PeakMemory = _peakMemory,
            Peer = _peer,
            Reasons = _reasons,
        };
    }

    private void MeasureModel(CpuDevice device, FlamingoModel shapes, MachineProbes probes, CancellationToken cancellation)
    {
        var (skipModel, skipMemory) = (options.Skip.HasFlag(BenchParts.Model), options.Skip.HasFlag(BenchParts.Memory));
        if (skipModel) _reasons["decode_bandwidth"] = "skipped";
        if (skipMemory) _reasons["peak_memory"] = "skipped";
        if (skipModel && skipMemory) return;
        var folder = options.WorkFolder ?? Path.GetTempPath();
        if (WhyItDoesNotFit(device, shapes, folder) is { } reason)
        {
            _reasons["decode_bandwidth"] = _reasons["peak_memory"] = reason;
            return;
        }

        progress?.Report($"random weights of {options.Config.Name}");
        using var files = RandomModel.Write(options.Config, options.WeightType, folder, cancellation);
        if (!skipModel) MeasureLoaded(files, probes, cancellation);
        if (!skipMemory) MeasureMemory(files, cancellation);
    }

    private void MeasureLoaded(RandomModel files, MachineProbes probes, CancellationToken cancellation)
    {
        progress?.Report("loading");
        using var flamingo = Flamingo.Load(new FlamingoOptions
        {
            ModelPath = files.Folder,
            Threads = options.Threads,
            KvCache = options.KvCache,
        });
        progress?.Report("comparing a layer and the head with a double-precision loop");
        var kernels = options.Kernels(flamingo.Compute.Kernels);
        _checks.AddRange(ModelCheck.Run(flamingo.Model, flamingo.Compute, kernels));

        _probes["memory_read_mapped_gb_s"] = ReadMappedWeights(flamingo.Model, probes);
        progress?.Report(
            $"{options.Requests} requests of {options.Context} tokens and {options.Images} images, then decoding");
        var benchmark = new ModelBenchmark(options, flamingo, probes, _probes["fma_gflop_s"].Maximum);
        benchmark.Run(cancellation);
        if (!options.Skip.HasFlag(BenchParts.Profile))
        {
            progress?.Report("time by kernel");
            benchmark.Profile();
        }

        _rows.AddRange(benchmark.Rows);
        _operations.AddRange(benchmark.Operations);
        _decodeBandwidth = benchmark.DecodeBandwidth;
    }

    /// <summary>
    /// Reads the language model's matrices where they are mapped: what the pages of a file cost beside huge ones.
    /// </summary>
    private Samples ReadMappedWeights(FlamingoModel model, MachineProbes probes)
    {
        var matrices = model.Weights.Weights
            .Where(weight => weight.Shape.Rank == 2 && weight.Name.StartsWith("lang_encoder.", StringComparison.Ordinal))
            .ToList();
        var first = matrices.Min(weight => weight.HostAddress);
        var end = matrices.Max(weight => weight.HostAddress + (nint)weight.Type.ByteLength);
        return probes.ReadBandwidthAt(first, Math.Min(end - first, options.ProbeBytes));
    }

    private void MeasureMemory(RandomModel files, CancellationToken cancellation)
    {
        if (options.ChildCommand is null)
        {
            _reasons["peak_memory"] = "no program was given that generates in a process of its own";
            return;
        }

        progress?.Report("peak memory of a process that generates");
        var peakBytes = PeakMemoryChild.Measure(options.ChildCommand, files.Folder, options, cancellation);
        _peakMemory = peakBytes / (double)files.FileBytes;
        _rows.Add(new BenchRow(
            "peak resident set", "GB", new Samples([peakBytes / 1e9]), "weights file", files.FileBytes / 1e9, _peakMemory,
            "here the ratio is memory / weights"));
    }

    private void MeasureGemm(MachineFacts machine, CancellationToken cancellation)
    {
        if (options.Skip.HasFlag(BenchParts.Gemm))
        {
            SetGemm("skipped");
            return;
        }

        using var benchmark = new GemmBenchmark(options, machine, _probes["fma_one_thread_gflop_s"].Maximum);
        _peer = benchmark.PeerVersion;
        if (benchmark.MissingPeerReason is { } reason) SetGemm(reason);
        foreach (var shape in options.GemmShapes)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report($"matrix product {shape}");
            (_gemm[shape], _gemmBf16[shape]) = benchmark.Run(shape, cancellation);
        }

        _rows.AddRange(benchmark.Rows);
        _checks.AddRange(benchmark.Checks);
    }

    private void SetGemm(string reason)
    {
        foreach (var shape in options.GemmShapes) _gemm[shape] = _gemmBf16[shape] = null;
        _reasons["gemm_openblas"] = _reasons["gemm_openblas_bf16"] = reason;
    }

    private string? WhyItDoesNotFit(CpuDevice device, FlamingoModel shapes, string folder)
    {
        var bytes = options.WeightType.ByteSize(shapes.Weights.Records.Sum(record => record.Parameters));
        var available = device.AvailableBytes;
        if (bytes + SpareBytes > available)
            return $"the weights take {bytes:N0} bytes, which must stay in memory beside {SpareBytes:N0} of the run; "
                + $"{available:N0} are available";
        var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        return bytes > free ? $"the weights take {bytes:N0} bytes; {folder} has {free:N0} free" : null;
    }
}
