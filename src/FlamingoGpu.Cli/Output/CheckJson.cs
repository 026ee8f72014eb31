using System.Text.Json;
using FlamingoGpu.Checks;

namespace FlamingoGpu.Cli;

/// <summary>A check of the kernels as one JSON object.</summary>
internal static class CheckJson
{
    /// <summary>Writes it.</summary>
    public static void Write(Utf8JsonWriter json, CaseRunner runner, CheckReport report)
    {
        json.WriteStartObject();
        json.WriteString("device", runner.Device.Description);
        json.WriteBoolean("good", report.IsGood);
        json.WriteBoolean("counted", runner.Device.Name == "virtual");
        json.WriteNumber("schedules", runner.Schedules);
        json.WriteStartArray("cases");
        foreach (var result in report.Results) WriteCase(json, result);
        json.WriteEndArray();
        json.WriteStartArray("kernels");
        foreach (var row in report.Kernels) WriteRow(json, row);
        json.WriteEndArray();
        json.WriteStartArray("unreached");
        foreach (var kernel in report.Unreached) json.WriteStringValue(kernel);
        json.WriteEndArray();
        json.WriteStartArray("fragment_layouts");
        foreach (var probe in report.Probes)
        {
            json.WriteStartObject();
            json.WriteString("instruction", probe.Instruction);
            json.WriteString("problem", probe.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("lints");
        foreach (var (@case, problem) in report.Lints)
        {
            json.WriteStartObject();
            json.WriteString("case", @case);
            json.WriteString("problem", problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCase(Utf8JsonWriter json, CaseResult result)
    {
        json.WriteStartObject();
        json.WriteString("name", result.Case.Name);
        json.WriteString("variant", result.Variant);
        json.WriteBoolean("good", result.IsGood);
        json.WriteFinite("error_over_bound", result.WorstRatio);
        json.WriteString("problem", result.Problem);
        json.WriteStartArray("findings");
        foreach (var finding in result.Findings) json.WriteStringValue(finding.ToString());
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, KernelRow row)
    {
        json.WriteStartObject();
        json.WriteString("name", row.Kernel.Name);
        json.WriteNumber("launches", row.Launches.Count);
        if (row.Occupancy is { } occupancy)
        {
            json.WriteNumber("findings", row.Findings);
            json.WriteNumber("bank_conflicts", row.BankConflicts);
            json.WriteNumber("main_loop_bank_conflicts", row.MainLoopConflicts);
            json.WriteFinite("sector_efficiency", row.SectorEfficiency);
            json.WriteFinite("bytes_over_least", row.BytesRatio);
            json.WriteNumber("shared_bytes", occupancy.SharedBytes);
            json.WriteNumber("register_estimate", occupancy.RegistersPerThread);
            json.WriteFinite("occupancy", occupancy.Share);
            if (row.InstructionsPerMma is { } mix) json.WriteFinite("instructions_per_mma", mix);
        }

        json.WriteEndObject();
    }
}
