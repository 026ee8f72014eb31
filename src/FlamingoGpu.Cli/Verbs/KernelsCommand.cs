using System.CommandLine;
using FlamingoGpu.Checks;
using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Cli;

/// <summary><c>kernels</c>: shows, assembles and checks the GPU kernels.</summary>
internal sealed class KernelsCommand : CliCommand
{
    private static readonly Flag<int?> Seeds = Flag.Number(
        "--seeds", "Schedules every launch runs with on the virtual GPU; all must leave the same bytes.", "4");

    private static readonly Flag<string?> Filter = Flag.Text(
        "--filter", "WORDS", "Only cases whose name has all these words, such as 'matmul bf16'.");

    private static readonly Flag<bool> All = Flag.Switch("--all", "Write the kernels of all cases.");

    private readonly Argument<string?> _action;
    private readonly Argument<string?> _target;

    /// <summary>Declares flags and arguments.</summary>
    public KernelsCommand()
        : base(
            "kernels", "List the GPU kernels, print or write their PTX, assemble them, or run every case against the "
                + "cpu and judge the counts.",
            "kernels list", "kernels show layer_norm_f32_f32_bias", "kernels dump --all ptx",
                "kernels check --filter layer_norm",
            "kernels assemble --device virtual")
    {
        _action = TakeArgument("action", "list, show, dump, assemble or check.");
        _target = TakeArgument("target", "show: name of a kernel or the beginning of one. dump: folder to write to.");
        Take(new FlagGroup("Kernels", All, Filter, Seeds), new FlagGroup("Device", ModelFlags.Device),
            OutputFlags.Common, OutputFlags.Reporting);
    }

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        var isJson = settings.Get(OutputFlags.Json);
        switch (settings.Get(_action))
        {
            case "list" or "assemble" or "check" when settings.Get(_target) is { } words:
                throw new InvalidRequestException(
                    $"kernels {settings.Get(_action)} takes no '{words}'; to choose cases use --filter '{words}'.");
            case "list":
                KernelOutput.List(context.Output, KernelCatalog.Of(Cases(settings, withLarge: true)), isJson);
                return ExitCodes.Ok;
            case "show" when settings.Get(_target) is { } name:
                context.Output.Write(KernelCatalog.Of(OpCases.Matching(null, withLarge: true)).Find(name).Launch.Kernel.Text);
                return ExitCodes.Ok;
            case "dump" when settings.Get(_target) is { } folder
                && (settings.Get(All) || settings.Get(Filter) is not null):
                foreach (var path in KernelFiles.Write(
                    KernelCatalog.Of(Cases(settings, withLarge: true)), folder)) context.Error.WriteLine(path);
                return ExitCodes.Ok;
            case "assemble":
                return Assemble(settings, context);
            case "check":
                return Check(settings, context);
            default:
                throw new InvalidRequestException(
                    "kernels takes 'list', 'show NAME', 'dump --all DIR', 'dump --filter WORDS DIR', 'assemble' or "
                        + "'check'.");
        }
    }

    private static int Assemble(Settings settings, CliContext context)
    {
        using var compute = ComputeDevice.Open(Device(settings));
        if (compute.Device is not GpuDevice gpu)
            throw new InvalidRequestException($"'{compute.Device.Name}' assembles nothing; use cuda or virtual.");
        var threads = gpu.Driver.LoadsConcurrently ? Environment.ProcessorCount : 1;
        var catalog = KernelCatalog.Of(Cases(settings, withLarge: true), gpu.Properties.HasWarpgroups);
        var kernels = catalog.Kernels.ToList()
            .AsParallel().AsOrdered().WithDegreeOfParallelism(threads)
            .Select(item => Assembly.Of(item.Launch, gpu.Driver)).ToList();
        OutputFlags.Print(
            settings, context, output => KernelOutput.Assemblies(output, gpu.Description, kernels),
            json => KernelOutput.WriteAssemblies(json, gpu.Description, kernels));
        return kernels.Count == 0 || kernels.Exists(kernel => kernel.Problem is not null) ? ExitCodes.Failed
            : ExitCodes.Ok;
    }

    private static int Check(Settings settings, CliContext context)
    {
        var seeds = settings.Get(Seeds) ?? 4;
        if (seeds is < 1 or > 1000) throw new InvalidRequestException($"--seeds is {seeds}; it must be 1 to 1000.");
        var cases = Cases(settings);
        var isVerbose = settings.Get(OutputFlags.Verbose);
        using var runner = Open(Device(settings), seeds);
        var report = context.Interrupts.RunStoppable(
            token => CheckReport.Of(runner, cases, isVerbose ? new Lines(context.Error) : null, token));
        OutputFlags.Print(
            settings, context, output => KernelOutput.Check(output, runner, report),
            json => CheckJson.Write(json, runner, report));
        return report.IsGood ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static string Device(Settings settings) =>
        settings.OriginOf(ModelFlags.Device) == Origin.Default ? "virtual" : settings.Get(ModelFlags.Device)!;

    private static CaseRunner Open(string device, int seeds)
    {
        if (device is "virtual" or "virtual:sm_80")
            return CaseRunner.OnVirtualGpu(seeds, computeMajor: device == "virtual" ? 9 : 8);
        var compute = ComputeDevice.Open(device);
        return new CaseRunner(compute.Device, compute.Kernels);
    }

    private static List<OpCase> Cases(Settings settings, bool withLarge = false)
    {
        var cases = OpCases.Matching(settings.Get(Filter), withLarge).ToList();
        return cases.Count > 0 ? cases
            : throw new InvalidRequestException($"no case has the words '{settings.Get(Filter)}'.");
    }

    private sealed class Lines(TextWriter output) : IProgress<OpCase>
    {
        public void Report(OpCase value) => output.WriteLine(value.Name);
    }
}
