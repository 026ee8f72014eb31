using System.Runtime.InteropServices;
using FlamingoGpu.Runtime.Cpu;
using FlamingoGpu.Runtime.Cuda;

namespace FlamingoGpu.Cli;

/// <summary><c>doctor</c>: what this machine offers.</summary>
internal sealed class DoctorCommand : CliCommand
{
    /// <summary>Declares flags.</summary>
    public DoctorCommand()
        : base(
            "doctor", "Show processor, memory, runtime, tools, GPU driver and devices of this machine.",
            "doctor", "doctor --json") =>
        Take(OutputFlags.Common);

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        using var cpu = new CpuDevice();
        var cuda = CudaDevices.Survey();
        var facts = new List<(string Key, string Text, string Value)>
        {
            ("processor", "processor", cpu.Description),
            ("cores", "cores", $"{Environment.ProcessorCount}"),
            ("memory_bytes", "memory", $"{MachineMemory.TotalBytes}"),
            ("available_bytes", "memory available", $"{cpu.AvailableBytes}"),
            ("runtime", "runtime", RuntimeInformation.FrameworkDescription),
            ("system", "system", $"{RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}"),
            ("ffmpeg", "ffmpeg", FindOnPath("ffmpeg", context.Environment) ?? "not found; only PNG, JPEG and GIF can "
                + "be read"),
            ("cuda_driver", "CUDA driver", cuda.DriverText ?? "none that can be used"),
            ("kernel_cache", "kernel cache", DescribeCache(KernelCache.OfUser(context.Environment))),
        };
        var devices = DeviceListing.Rows(cpu, cuda);
        if (settings.Get(OutputFlags.Json)) WriteJson(context.Output, facts, devices);
        else WriteText(context.Output, facts, devices);
        return ExitCodes.Ok;
    }

    private static string DescribeCache(KernelCache cache)
    {
        if (cache.Folder is null) return $"off ({KernelCache.Variable}, or no home folder)";
        var (files, bytes) = cache.Size();
        return $"{cache.Folder} ({files} kernel{(files == 1 ? "" : "s")}, {Units.Bytes(bytes)})";
    }

    private static void WriteText(
        TextWriter output, List<(string Key, string Text, string Value)> facts,
        IReadOnlyList<DeviceListing.Row> devices)
    {
        var table = new TextTable("", "");
        foreach (var (key, text, value) in facts)
            table.Add(
                text, key.EndsWith("_bytes", StringComparison.Ordinal) ? Units.Bytes(long.Parse(value, System.Globalization.CultureInfo.InvariantCulture)) : value);
        foreach (var device in devices)
            table.Add($"device {device.Name}", $"{DeviceListing.Status(device)} ({device.Description})");
        table.Write(output);
    }

    private static void WriteJson(
        TextWriter output, List<(string Key, string Text, string Value)> facts,
        IReadOnlyList<DeviceListing.Row> devices) =>
        JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        foreach (var (key, _, value) in facts)
        {
            if (key == "cores" || key.EndsWith("_bytes", StringComparison.Ordinal)) json.WriteNumber(key, long.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
            else json.WriteString(key, value);
        }

        DeviceListing.Write(json, "devices", devices);
        json.WriteEndObject();
    });

    private static string? FindOnPath(string program, Func<string, string?> environment)
    {
        var name = OperatingSystem.IsWindows() ? program + ".exe" : program;
        return (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}
