using System.Globalization;
using System.Text.Json;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>What a GPU bench measured, or on the virtual GPU counted.</summary>
/// <param name="Device">The device.</param>
/// <param name="Date">When.</param>
/// <param name="IsCounted">True when nothing was timed.</param>
/// <param name="IsSmall">True for the shapes of a dry run.</param>
/// <param name="Rows">One for each shape.</param>
/// <param name="Peer">Library that ran beside us, or null.</param>
/// <param name="PeerReason">Why none did.</param>
/// <param name="Clocks">Driver, clocks, power and temperature right behind the last kernel measured, or null.</param>
public sealed record GpuBenchReport(
    string Device, DateTimeOffset Date, bool IsCounted, bool IsSmall, IReadOnlyList<BenchRow> Rows, string? Peer,
        string? PeerReason, string? Clocks = null)
{
    /// <summary>Writes a Markdown table.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine($"{Device}{(IsSmall ? ", small sizes" : "")}");
        if (Clocks is not null) output.WriteLine($"right behind the measurements: {Clocks}");
        output.WriteLine(IsCounted ? "counted on the virtual GPU, nothing is timed"
            : $"peer in this run: {Peer ?? $"none, {PeerReason}"}");
        output.WriteLine();
        output.WriteLine("| shape | unit | median | range | peer | peer's | ratio | kernel |");
        output.WriteLine("|---|---|---:|---|---|---:|---:|---|");
        foreach (var row in Rows)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {row.Name} | {row.Unit} | {row.Values.Median:0.0##} | {Range(row.Values)} | {row.RoofName} "
                + $"| {row.Roof:0.0} | {row.Ratio:0.00} | {row.Note} |"));
        }
    }

    /// <summary>Writes one JSON object; a ratio without a peer is null, with the reason.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("device", Device);
        json.WriteString("date", Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteBoolean("counted", IsCounted);
        json.WriteBoolean("small", IsSmall);
        json.WriteString("clocks", Clocks);
        json.WriteString("peer", Peer);
        json.WriteString("peer_reason", PeerReason);
        json.WriteStartArray("rows");
        foreach (var row in Rows)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteString("unit", row.Unit);
            json.WriteNumber("median", row.Values.Median);
            json.WriteNumber("minimum", row.Values.Minimum);
            json.WriteNumber("maximum", row.Values.Maximum);
            json.WriteNumber("readings", row.Values.Count);
            json.WriteString("peer", row.RoofName);
            Number("peer_value", row.Roof);
            Number("ratio", row.Ratio);
            json.WriteString("note", row.Note);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void Number(string name, double? value)
        {
            if (value is { } number) json.WriteNumber(name, number);
            else json.WriteNull(name);
        }
    }

    private static string Range(Samples values) => string.Create(
        CultureInfo.InvariantCulture, $"{values.Minimum:0.0##} to {values.Maximum:0.0##}");
}
