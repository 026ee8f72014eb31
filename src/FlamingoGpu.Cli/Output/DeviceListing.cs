using System.Text.Json;
using FlamingoGpu.Runtime.Cpu;
using FlamingoGpu.Runtime.Cuda;

namespace FlamingoGpu.Cli;

/// <summary>Every device there is, and for those that cannot be used the reason; opens none of the GPUs.</summary>
internal static class DeviceListing
{
    /// <summary>One device.</summary>
    /// <param name="Name">As <c>--device</c> takes it.</param>
    /// <param name="Description">What it is.</param>
    /// <param name="ComputeCapability">Of a card, such as 9.0.</param>
    /// <param name="MemoryBytes">Of a card.</param>
    /// <param name="Missing">Why it cannot be used and what to do; null when it can.</param>
    public sealed record Row(
        string Name, string Description, string? ComputeCapability, long? MemoryBytes, string? Missing);

    /// <summary>The processor, the virtual GPU, and each card or the reason why there is none.</summary>
    public static IReadOnlyList<Row> Rows(CpuDevice cpu, CudaDevices cuda)
    {
        var known = ComputeDevice.Known.ToDictionary(device => device.Name, device => device.Missing);
        var rows = new List<Row>
        {
            new("cpu", cpu.Description, null, null, known["cpu"]),
            new(
                "virtual",
                "GPU made of software: runs and checks the GPU's kernels on the processor; virtual:sm_80 those of older cards",
                null, null, known["virtual"]),
        };
        if (cuda.Missing is not null) rows.Add(new Row("cuda", "NVIDIA GPU", null, null, cuda.Missing));
        foreach (var card in cuda.Cards)
            rows.Add(new Row(
                $"cuda:{card.Ordinal}", $"{card.Name}, driver with CUDA {cuda.DriverText}",
                $"{card.ComputeMajor}.{card.ComputeMinor}", card.MemoryBytes, card.Missing ?? known["cuda"]));
        return rows;
    }

    /// <summary>Whether a device can be used, for people.</summary>
    public static string Status(Row row) => row.Missing is null ? "usable" : $"missing: {row.Missing}";

    /// <summary>An array of devices.</summary>
    public static void Write(Utf8JsonWriter json, string name, IReadOnlyList<Row> rows)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteString("description", row.Description);
            json.WriteString("compute_capability", row.ComputeCapability);
            if (row.MemoryBytes is { } bytes) json.WriteNumber("memory_bytes", bytes);
            else json.WriteNull("memory_bytes");
            json.WriteBoolean("usable", row.Missing is null);
            json.WriteString("missing", row.Missing);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
