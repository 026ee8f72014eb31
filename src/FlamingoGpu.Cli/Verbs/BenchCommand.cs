using System.Diagnostics;
using System.Globalization;
using FlamingoGpu.Bench;
using FlamingoGpu.Bench.Gpu;
using FlamingoGpu.Core;
using FlamingoGpu.Models;

namespace FlamingoGpu.Cli;

/// <summary><c>bench</c>: speed and memory of a shape with random weights, against the limits of the machine.</summary>
internal sealed class BenchCommand : CliCommand
{
    private static readonly Flag<int?> Layers = Flag.Number(
        "--layers", "Measure fewer layers, to try the bench in seconds; the figures mean nothing.", "all");

    private static readonly Flag<int?> Context = Flag.Number(
        "--context", "Tokens of the prompt; decoding goes on behind it.", "512");

    private static readonly Flag<IReadOnlyList<string>> Skip = Flag.Texts(
        "--skip", "PART", "Leave out model, gemm, memory or profile; repeatable.");

    private static readonly Flag<string?> WorkFolder = Flag.Text(
        "--work-dir", "DIR",
        "Where the random weights go while it runs (5 GB for openflamingo-3b in bf16); the system's temporary folder by default.");

    private static readonly Flag<bool> Small = Flag.Switch("--small", "With a GPU: small sizes only, to try everything.");

    private static readonly Flag<string?> Peers = Flag.Text(
        "--peers", "FILE", "With a GPU: figures of other libraries on this machine, to print beside ours (bench/README.md).");

    private static readonly Flag<string?> PeakMemoryOf = Flag.Text(
        PeakMemoryChild.FolderOption, "DIR",
        "Generate with this model, print the peak memory of this process and end; bench starts itself so.");

    /// <summary>Declares flags.</summary>
    public BenchCommand()
        : base(
            "bench", "Measure decode, prefill, image encoding, matrix products and memory of a shape with random weights, against limits of this machine.",
            "bench --shape openflamingo-3b --layers 2",
            "bench --shape openflamingo-3b --dtype bf16 --out bench/results/my-machine",
            "bench --device virtual --small",
            "bench --device idle") =>
        Take(
            new FlagGroup("Bench", ModelFlags.Shape, ModelFlags.MatrixType, ModelFlags.KvCache, Layers, Context, ModelFlags.Images, Skip, OutputFlags.Folder, WorkFolder, PeakMemoryOf),
            new FlagGroup("GPU", Small, Peers), new FlagGroup("Device", ModelFlags.Device, ModelFlags.Threads), OutputFlags.Common, OutputFlags.Reporting);

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        if (settings.Get(PeakMemoryOf) is { } folder)
        {
            PeakMemoryChild.Run(folder, settings.Get(Context) ?? 512, settings.Get(ModelFlags.Images) ?? 1, settings.Get(ModelFlags.Threads), context.Output);
            return ExitCodes.Ok;
        }

        if (settings.Get(ModelFlags.Device) is { } device and not "cpu") return RunGpu(device, settings, context);
        var options = Read(settings);
        var report = context.Interrupts.RunStoppable(token => new BenchRunner(options, new ProgressLines(context.Error)).Run(token));
        OutputFlags.Print(settings, context, output => ReportText.Write(output, report), json => ReportJson.Write(json, report));
        if (settings.Get(OutputFlags.Folder) is { } results)
        {
            foreach (var path in ReportFiles.Write(report, results)) context.Error.WriteLine(path);
        }

        return ExitCodes.Ok;
    }

    private static int RunGpu(string device, Settings settings, CliContext context)
    {
        Flag[] ofCpu = [ModelFlags.KvCache, Layers, Context, ModelFlags.Images, OutputFlags.Folder];
        if (Array.Find(ofCpu, flag => settings.OriginOf(flag) == Origin.Flag) is { } unused)
            throw new InvalidRequestException(
                $"{unused.Name} has no meaning for bench on '{device}'; only on the cpu.");
        if (settings.Get(ModelFlags.MatrixType) is { } type and not DType.BF16)
            throw new InvalidRequestException($"bench on '{device}' measures bf16, not {type.ShortName()}.");
        var benchmark = new GpuBenchmark(new GpuBenchOptions
        {
            Device = device,
            Config = PublishedModels.Find(settings.Get(ModelFlags.Shape) ?? "openflamingo-3b"),
            IsSmall = settings.Get(Small),
            Peers = settings.Get(Peers),
            Skip = settings.Get(Skip).Aggregate(BenchParts.None, (parts, name) => parts | ParsePart(name)),
            WorkFolder = settings.Get(WorkFolder),
        });
        var report = context.Interrupts.RunStoppable(token => benchmark.Run(new ProgressLines(context.Error), token));
        OutputFlags.Print(settings, context, report.Write, report.Write);
        return ExitCodes.Ok;
    }

    private static BenchOptions Read(Settings settings)
    {
        var config = PublishedModels.Find(settings.Get(ModelFlags.Shape) ?? "openflamingo-3b");
        if (settings.Get(Layers) is { } layers) config = BenchOptions.Shrink(config, layers);
        var options = new BenchOptions { Config = config, Threads = settings.Get(ModelFlags.Threads) };
        options = options with
        {
            WeightType = settings.Get(ModelFlags.MatrixType) ?? options.WeightType,
            KvCache = settings.Get(ModelFlags.KvCache),
            Context = settings.Get(Context) ?? options.Context,
            Images = settings.Get(ModelFlags.Images) ?? options.Images,
            Skip = settings.Get(Skip).Aggregate(BenchParts.None, (parts, name) => parts | ParsePart(name)),
            WorkFolder = settings.Get(WorkFolder),
            ChildCommand = OwnCommand(),
        };
        options.Validate();
        return options;
    }

    /// <summary>This program, to be started again: itself, or the runtime with its main file.</summary>
    private static IReadOnlyList<string>? OwnCommand()
    {
        if (Environment.ProcessPath is not { } program) return null;
        var isRuntime = string.Equals(Path.GetFileNameWithoutExtension(program), "dotnet", StringComparison.OrdinalIgnoreCase);
        return isRuntime ? [program, Environment.GetCommandLineArgs()[0], "bench"] : [program, "bench"];
    }

    private static BenchParts ParsePart(string name) => name switch
    {
        "model" => BenchParts.Model,
        "gemm" => BenchParts.Gemm,
        "memory" => BenchParts.Memory,
        "profile" => BenchParts.Profile,
        _ => throw new InvalidRequestException($"--skip is '{name}'; expected model, gemm, memory or profile."),
    };

    /// <summary>A line per step, with the time since the start.</summary>
    private sealed class ProgressLines(TextWriter output) : IProgress<string>
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public void Report(string value) =>
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_start).TotalSeconds,6:0.0} s  {value}"));
    }
}
