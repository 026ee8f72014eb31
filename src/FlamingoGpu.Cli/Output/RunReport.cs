using System.Text.Json;

namespace FlamingoGpu.Cli;

/// <summary>Where time and memory of a run went.</summary>
/// <param name="Load">Opening, checking and making the model ready.</param>
/// <param name="Request">The requests.</param>
internal sealed record RunReport(TimeSpan Load, Timings Request)
{
    /// <summary>As a table, for <c>--verbose</c>.</summary>
    public void Write(TextWriter output, KernelTally kernels)
    {
        var table = new TextTable("stage", "time>", "work>", "rate>");
        table.Add("load", Units.Seconds(Load), "", "");
        table.Add("setup", Units.Seconds(Request.Setup), "", "");
        table.Add(
            "image encode", Units.Seconds(Request.Media), $"{Request.MediaCount} images", Units.Rate(Request.MediaCount, Request.Media, "images"));
        table.Add(
            "prefill", Units.Seconds(Request.Prefill), $"{Request.PromptTokens} tokens", Units.Rate(Request.PromptTokens, Request.Prefill, "tokens"));
        if (Request.Overhead > TimeSpan.Zero)
            table.Add("waiting for the host", Units.Seconds(Request.Overhead), "", "");
        table.Add(
            "decode", Units.Seconds(Request.Decode), $"{Request.NewTokens} tokens", Units.Rate(Request.NewTokens, Request.Decode, "tokens"));
        var first = Request.Setup + Request.Media + Request.Prefill + Request.Overhead;
        table.Add("total", Units.Seconds(Load + first + Request.Decode), "", "");
        table.Write(output);
        var (activations, peak) = (Units.Bytes(Request.ArenaBytes), Units.Bytes(MachineMemory.PeakBytes));
        output.WriteLine($"activations {activations}, peak memory {peak}");
        foreach (var (op, variant, runs) in kernels.Runs)
            output.WriteLine($"kernel {op} {variant}: {Units.Count(runs)} runs");
    }

    /// <summary>As members of the JSON object being written.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("timings");
        json.WriteNumber("load_seconds", Load.TotalSeconds);
        json.WriteNumber("setup_seconds", Request.Setup.TotalSeconds);
        json.WriteNumber("overhead_seconds", Request.Overhead.TotalSeconds);
        json.WriteNumber("media_seconds", Request.Media.TotalSeconds);
        json.WriteNumber("prefill_seconds", Request.Prefill.TotalSeconds);
        json.WriteNumber("decode_seconds", Request.Decode.TotalSeconds);
        json.WriteFinite("prefill_tokens_per_second", Request.PromptTokens / Request.Prefill.TotalSeconds);
        json.WriteFinite("decode_tokens_per_second", Request.NewTokens / Request.Decode.TotalSeconds);
        json.WriteNumber("activation_bytes", Request.ArenaBytes);
        json.WriteNumber("peak_memory_bytes", MachineMemory.PeakBytes);
        json.WriteEndObject();
    }
}
