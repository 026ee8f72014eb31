using System.Text.Json;

namespace FlamingoGpu.Profiling;

/// <summary>
/// A profile as a timeline in the Trace Event Format, for chrome://tracing and Perfetto: one complete event (<c>X</c>)
/// for each node, microseconds with fractions. Counts of the virtual GPU stand in for microseconds and say so.
/// </summary>
public static class ChromeTrace
{
    /// <summary>Writes the whole document.</summary>
    public static void Write(Utf8JsonWriter json, Profile profile)
    {
        var unit = profile.IsCounted ? "1 us = 1 warp instruction, counted, not time" : "us";
        var scale = profile.IsCounted ? 1 : 1e-3;
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ns");
        json.WriteStartObject("otherData");
        json.WriteString("device", profile.Device);
        json.WriteString("unit", unit);
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        Name(json, "process_name", profile.IsCounted ? $"{profile.Device} ({unit})" : profile.Device, 0);
        string[] modules = [.. profile.Samples.Select(sample => sample.Module).Distinct()];
        for (var i = 0; i < modules.Length; i++) Name(json, "thread_name", modules[i], i + 1);
        foreach (var sample in profile.Samples)
        {
            json.WriteStartObject();
            json.WriteString("name", sample.Node.Label);
            json.WriteString("cat", sample.Node.Op.Name);
            json.WriteString("ph", "X");
            json.WriteNumber("ts", sample.Measured.Start * scale);
            json.WriteNumber("dur", sample.Measured.Amount * scale);
            json.WriteNumber("pid", 1);
            json.WriteNumber("tid", 1 + Array.IndexOf(modules, sample.Module));
            json.WriteStartObject("args");
            json.WriteString("kernel", sample.Variant);
            json.WriteString("output", sample.Node.Output.Type.ToString());
            json.WriteNumber("flops", sample.Cost.Flops);
            json.WriteNumber("least_bytes", sample.Cost.Bytes);
            if (profile.IsCounted)
            {
                json.WriteNumber("requested_bytes", sample.Measured.RequestedBytes);
                json.WriteNumber("sectors", sample.Measured.Sectors);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A metadata event (<c>M</c>) that names the process (thread 0) or a thread.</summary>
    private static void Name(Utf8JsonWriter json, string what, string name, int thread)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        json.WriteNumber("ts", 0);
        json.WriteNumber("pid", 1);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
