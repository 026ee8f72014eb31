using System.Runtime.InteropServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Cli;

/// <summary><c>doctor</c>: what this machine offers.</summary>
internal sealed class DoctorCommand : CliCommand
{
    /// <summary>Declares flags.</summary>
    public DoctorCommand()
        : base("doctor", "Show processor, memory, runtime, tools and devices of this machine.", "doctor", "doctor --json") =>
        Take(OutputFlags.Common);

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        using var cpu = new CpuDevice();
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
        };
        if (settings.Get(OutputFlags.Json)) WriteJson(context.Output, facts);
        else WriteText(context.Output, facts);
        return ExitCodes.Ok;
    }

    private static void WriteText(TextWriter output, List<(string Key, string Text, string Value)> facts)
    {
        var table = new TextTable("", "");
        foreach (var (key, text, value) in facts)
            table.Add(
                text, key.EndsWith("_bytes", StringComparison.Ordinal) ? Units.Bytes(long.Parse(value, System.Globalization.CultureInfo.InvariantCulture)) : value);
        foreach (var (name, missing) in ComputeDevice.Known) table.Add($"device {name}", missing is null ? "usable" : $"missing: {missing}");
        table.Write(output);
    }

    private static void WriteJson(TextWriter output, List<(string Key, string Text, string Value)> facts) =>
        JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        foreach (var (key, _, value) in facts)
        {
            if (key == "cores" || key.EndsWith("_bytes", StringComparison.Ordinal)) json.WriteNumber(key, long.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
            else json.WriteString(key, value);
        }

        json.WriteStartArray("devices");
        foreach (var (name, missing) in ComputeDevice.Known)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteBoolean("usable", missing is null);
            json.WriteString("missing", missing);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string? FindOnPath(string program, Func<string, string?> environment)
    {
        var name = OperatingSystem.IsWindows() ? program + ".exe" : program;
        return (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}
