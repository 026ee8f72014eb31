using System.Globalization;
using System.Text.Json;
using FlamingoGpu.Checks;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Cli;

/// <summary>Kernels, assemblies and checks as tables and as JSON.</summary>
internal static class KernelOutput
{
    /// <summary>All kernels with their largest launch.</summary>
    public static void List(TextWriter output, KernelCatalog catalog, bool isJson)
    {
        if (isJson)
        {
            JsonOutput.Write(output, json => WriteKernels(json, catalog));
            return;
        }

        var table = new TextTable("kernel", "grid>", "block>", "registers~>", "shared>", "FLOPs>", "bytes>", "case");
        foreach (var (launch, @case) in catalog.Kernels)
        {
            table.Add(
                launch.Kernel.Name, Extents(launch.Shape.GridX, launch.Shape.GridY, launch.Shape.GridZ),
                Extents(launch.Shape.BlockX, launch.Shape.BlockY, launch.Shape.BlockZ),
                    $"{launch.Kernel.RegisterEstimate}",
                $"{Shared(launch)}", Units.Count(launch.Flops), Units.Count(launch.Bytes), @case.Name);
        }

        table.Write(output);
        foreach (var (@case, reason) in catalog.Unsupported) output.WriteLine($"no kernel: {@case.Name}: {reason}");
    }

    /// <summary>The catalog as a JSON object.</summary>
    public static void WriteKernels(Utf8JsonWriter json, KernelCatalog catalog)
    {
        json.WriteStartObject();
        json.WriteStartArray("kernels");
        foreach (var (launch, @case) in catalog.Kernels)
        {
            json.WriteStartObject();
            json.WriteString("name", launch.Kernel.Name);
            json.WriteString("purpose", launch.Kernel.Facts.Purpose);
            json.WriteString("case", @case.Name);
            json.WriteNumbers("grid", [launch.Shape.GridX, launch.Shape.GridY, launch.Shape.GridZ]);
            json.WriteNumbers("block", [launch.Shape.BlockX, launch.Shape.BlockY, launch.Shape.BlockZ]);
            json.WriteNumber("register_estimate", launch.Kernel.RegisterEstimate);
            json.WriteNumber("static_shared_bytes", launch.Kernel.StaticSharedBytes);
            json.WriteNumber("dynamic_shared_bytes", launch.Kernel.DynamicSharedBytes);
            json.WriteNumber("instructions", launch.Kernel.InstructionCount);
            json.WriteNumber("flops", launch.Flops);
            json.WriteNumber("bytes", launch.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("unsupported");
        foreach (var (@case, reason) in catalog.Unsupported)
        {
            json.WriteStartObject();
            json.WriteString("case", @case.Name);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>What the assembler made of each kernel.</summary>
    public static void Assemblies(TextWriter output, string device, List<Assembly> kernels)
    {
        output.WriteLine(device);
        var table = new TextTable("kernel", "registers>", "local>", "shared>", "blocks/SM>", "");
        foreach (var kernel in kernels)
            table.Add(kernel.Kernel, $"{kernel.Registers}", $"{kernel.LocalBytes}", $"{kernel.SharedBytes}",
                $"{kernel.BlocksPerMultiprocessor}",
                kernel.Problem ?? (kernel.IsTight && device.StartsWith("virtual", StringComparison.Ordinal)
                ? "ok, but the estimate asks for more registers than there are" : "ok"));
        table.Write(output);
        var problems = kernels.Count(kernel => kernel.Problem is not null);
        output.WriteLine($"{kernels.Count} kernels, {problems} with problems");
    }

    /// <summary>Counts of each kernel, then everything that is wrong.</summary>
    public static void Check(TextWriter output, CaseRunner runner, CheckReport report)
    {
        var schedules = runner.Schedules > 1 ? $", {runner.Schedules} schedules of each launch" : "";
        output.WriteLine($"{runner.Device.Description}{schedules}");
        if (runner.Device.Name == "virtual") WriteCounts(output, report);
        foreach (var result in report.Results.Where(result => result.Problem is not null))
            output.WriteLine($"{(result.IsUnsupported ? "no kernel" : "WRONG")}: {result.Case.Name}: {result.Problem}");
        foreach (var finding in report.Results.SelectMany(result => result.Findings)) output.WriteLine(
            $"FOUND: {finding}");
        foreach (var (@case, problem) in report.Lints) output.WriteLine($"LINT: {@case}: {problem}");
        foreach (var probe in report.Probes.Where(probe => probe.Problem is not null))
            output.WriteLine($"WRONG LAYOUT: {probe.Instruction}: {probe.Problem}");
        foreach (var kernel in report.Unreached) output.WriteLine($"built, never launched: {kernel}");
        var layouts = report.Probes.Count(probe => probe.Problem is null);
        output.WriteLine($"{layouts} of {report.Probes.Count} fragment layouts are as the kernels take them to be");
        var good = report.Results.Count(result => result.IsGood);
        var worst = report.Results.MaxBy(result => result.WorstRatio);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{good} of {report.Results.Count} cases agree with the cpu, {report.Kernels.Count} kernels, "
                + $"{report.Lints.Count} lints; largest error {worst?.WorstRatio ?? 0:0.000} of its bound in "
                + $"{worst?.Case.Name}"));
    }

    private static void WriteCounts(TextWriter output, CheckReport report)
    {
        var table = new TextTable(
            "kernel", "launches>", "findings>", "conflicts>", "in main loop>", "sectors>", "bytes/least>", "shared>",
                "registers~>",
            "occupancy>", "instructions/mma>");
        foreach (var row in report.Kernels)
        {
            table.Add(
                row.Kernel.Name, $"{row.Launches.Count}", $"{row.Findings}", Units.Count(row.BankConflicts),
                Units.Count(row.MainLoopConflicts), Percent(row.SectorEfficiency), Ratio(row.BytesRatio),
                $"{row.Occupancy?.SharedBytes}", $"{row.Occupancy?.RegistersPerThread}",
                    Percent(row.Occupancy?.Share ?? 0),
                row.InstructionsPerMma is { } mix ? Ratio(mix) : "");
        }

        table.Write(output);
    }

    /// <summary>The same as one JSON object.</summary>
    public static void WriteAssemblies(Utf8JsonWriter json, string device, List<Assembly> kernels)
    {
        json.WriteStartObject();
        json.WriteString("device", device);
        json.WriteBoolean("good", kernels.Count > 0 && kernels.TrueForAll(kernel => kernel.Problem is null));
        json.WriteStartArray("kernels");
        foreach (var kernel in kernels)
        {
            json.WriteStartObject();
            json.WriteString("name", kernel.Kernel);
            json.WriteNumber("registers", kernel.Registers);
            json.WriteNumber("local_bytes", kernel.LocalBytes);
            json.WriteNumber("shared_bytes", kernel.SharedBytes);
            json.WriteNumber("blocks_per_multiprocessor", kernel.BlocksPerMultiprocessor);
            json.WriteString("log", kernel.Log);
            json.WriteString("problem", kernel.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static int Shared(GpuLaunch launch) => launch.Kernel.StaticSharedBytes + launch.Kernel.DynamicSharedBytes;

    private static string Extents(int x, int y, int z) => z > 1 ? $"{x}x{y}x{z}" : y > 1 ? $"{x}x{y}" : $"{x}";

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
