using System.Globalization;
using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Bench;

/// <summary>A report as JSON: what <c>bench --json</c> prints and <c>bench/results</c> holds.</summary>
public static class ReportJson
{
    /// <summary>Writes one object.</summary>
    public static void Write(Utf8JsonWriter json, BenchReport report)
    {
        json.WriteStartObject();
        json.WriteString("device", report.Machine.Device);
        json.WriteNumber("cores", report.Machine.Cores);
        json.WriteNumber("last_level_cache_bytes", report.Machine.LastLevelCacheBytes);
        json.WriteString("system", report.Machine.OperatingSystem);
        json.WriteString("runtime", report.Machine.Runtime);
        json.WriteString("commit", report.Machine.Commit);
        json.WriteString("date", report.Date.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteString("shape", report.Shape);
        json.WriteString("dtype", report.WeightType.ShortName());
        json.WriteString("peer", report.Peer);
        json.WriteNumber("context", report.Context);
        json.WriteNumber("images", report.Images);
        json.WriteNumber("parameters", report.Parameters);
        json.WriteNumber("decode_parameters", report.DecodeParameters);
        WriteRatios(json, report);
        WriteGoals(json);
        json.WriteStartObject("reasons");
        foreach (var (key, reason) in report.Reasons) json.WriteString(key, reason);
        json.WriteEndObject();
        json.WriteStartObject("probes");
        foreach (var (key, samples) in report.Probes)
        {
            json.WriteStartObject(key);
            WriteSamples(json, samples);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("checks");
        foreach (var check in report.Checks) json.WriteStringValue(check);
        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (var row in report.Rows) WriteRow(json, row);
        json.WriteEndArray();
        json.WriteStartArray("operations");
        foreach (var operation in report.Operations) WriteOperation(json, operation);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRatios(Utf8JsonWriter json, BenchReport report)
    {
        json.WriteStartObject("ratios");
        WriteNumber(json, "decode_bandwidth", report.DecodeBandwidth);
        WriteGemm(json, "gemm_openblas", report.GemmOpenBlas);
        WriteGemm(json, "gemm_openblas_bf16", report.GemmOpenBlasBf16);
        WriteNumber(json, "peak_memory", report.PeakMemory);
        json.WriteEndObject();
    }

    private static void WriteGemm(Utf8JsonWriter json, string key, IReadOnlyDictionary<GemmShape, double?> ratios)
    {
        json.WriteStartObject(key);
        foreach (var (shape, ratio) in ratios) WriteNumber(json, shape.ToString(), ratio);
        WriteNumber(json, "geometric_mean", BenchReport.GeometricMean(ratios.Values));
        json.WriteEndObject();
    }

    private static void WriteGoals(Utf8JsonWriter json)
    {
        json.WriteStartObject("goals");
        json.WriteStartObject("decode_bandwidth");
        json.WriteNumber("at_least", BenchGoals.DecodeBandwidth);
        json.WriteEndObject();
        json.WriteStartObject("gemm_openblas");
        json.WriteNumber("each_at_least", BenchGoals.GemmEach);
        json.WriteNumber("geometric_mean_at_least", BenchGoals.GemmGeometricMean);
        json.WriteEndObject();
        json.WriteStartObject("peak_memory");
        json.WriteNumber("at_most", BenchGoals.PeakMemory);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, BenchRow row)
    {
        json.WriteStartObject();
        json.WriteString("name", row.Name);
        json.WriteString("unit", row.Unit);
        WriteSamples(json, row.Values);
        json.WriteString("roof_name", row.RoofName);
        WriteNumber(json, "roof", row.Roof);
        WriteNumber(json, "ratio", row.Ratio);
        json.WriteString("note", row.Note);
        json.WriteEndObject();
    }

    private static void WriteOperation(Utf8JsonWriter json, OperationTime operation)
    {
        json.WriteStartObject();
        json.WriteString("stage", operation.Stage);
        json.WriteString("kernel", operation.Kernel);
        json.WriteNumber("count", operation.Count);
        WriteNumber(json, "ms", operation.Milliseconds);
        json.WriteNumber("flops", operation.Flops);
        json.WriteNumber("bytes", operation.Bytes);
        json.WriteEndObject();
    }

    private static void WriteSamples(Utf8JsonWriter json, Samples samples)
    {
        WriteNumber(json, "median", samples.Median);
        WriteNumber(json, "min", samples.Minimum);
        WriteNumber(json, "max", samples.Maximum);
        json.WriteNumber("n", samples.Count);
    }

    /// <summary>Five digits are more than any clock here is worth.</summary>
    private static void WriteNumber(Utf8JsonWriter json, string key, double? value)
    {
        if (value is { } number && double.IsFinite(number)) json.WriteNumber(key, RoundToDigits(number));
        else json.WriteNull(key);
    }

    private static double RoundToDigits(double value) =>
        double.Parse(value.ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
