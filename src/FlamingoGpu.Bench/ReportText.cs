using System.Globalization;
using FlamingoGpu.Core;

namespace FlamingoGpu.Bench;

/// <summary>A report for people, in Markdown: one table per unit.</summary>
public static class ReportText
{
    private const int OperationsPerStage = 8;

    /// <summary>Writes the report.</summary>
    public static void Write(TextWriter output, BenchReport report)
    {
        var machine = report.Machine;
        output.WriteLine($"# {report.Shape}, {report.WeightType.ShortName()}");
        output.WriteLine();
        string?[] facts =
        [
            machine.Device, Text($"{machine.Cores} cores"), machine.OperatingSystem, machine.Runtime, report.Peer,
            $"commit {machine.Commit ?? "unknown"}", report.Date.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
        ];
        output.WriteLine(string.Join("; ", facts.Where(fact => fact is not null)));
        output.WriteLine(Text($"{report.Parameters:N0} random parameters, of which a decode step reads {report.DecodeParameters:N0};"));
        output.WriteLine(Text($"prompt of {report.Context} tokens, images: {report.Images}."));
        WriteRatios(output, report);
        WriteProbes(output, report);
        foreach (var unit in report.Rows.GroupBy(row => row.Unit)) WriteRows(output, unit.Key, [.. unit]);
        foreach (var stage in report.Operations.GroupBy(operation => operation.Stage))
            WriteOperations(output, stage.Key, [.. stage]);
        output.WriteLine();
        output.WriteLine("Compared before anything was timed:");
        output.WriteLine();
        foreach (var check in report.Checks) output.WriteLine($"- {check}");
    }

    private static void WriteRatios(TextWriter output, BenchReport report)
    {
        List<string[]> rows =
        [
            RatioCells("decode_bandwidth", report.DecodeBandwidth, BenchGoals.DecodeBandwidth),
            .. GemmCells("gemm_openblas", report.GemmOpenBlas, BenchGoals.GemmEach, BenchGoals.GemmGeometricMean),
            .. GemmCells("gemm_openblas_bf16", report.GemmOpenBlasBf16, null, null),
            RatioCells("peak_memory", report.PeakMemory, BenchGoals.PeakMemory, "at most"),
        ];
        WriteTable(output, ["ratio", "value>", "goal"], rows);
        if (report.Reasons.Count > 0) output.WriteLine();
        foreach (var (key, reason) in report.Reasons) output.WriteLine($"- no {key}: {reason}");
    }

    private static IEnumerable<string[]> GemmCells(
        string key, IReadOnlyDictionary<GemmShape, double?> ratios, double? goalEach, double? goalMean) =>
        ratios.Select(item => RatioCells($"{key} {item.Key}", item.Value, goalEach))
            .Append(RatioCells($"{key} geometric mean", BenchReport.GeometricMean(ratios.Values), goalMean));

    private static string[] RatioCells(string name, double? value, double? goal, string direction = "at least") =>
    [
        name,
        value is { } number ? Text($"{number:0.00}") : "",
        goal is { } bound ? Text($"{direction} {bound:0.00}") : "",
    ];

    private static void WriteProbes(TextWriter output, BenchReport report) => WriteTable(
        output, ["limit of the machine", "median>", "range", "n>"],
        report.Probes.Select(probe => (string[])[probe.Key, Short(probe.Value.Median), Range(probe.Value), Text($"{probe.Value.Count}")]));

    private static void WriteRows(TextWriter output, string unit, List<BenchRow> rows) => WriteTable(
        output, [$"measured, {unit}", "median>", "range", "n>", "held against", $"that, {unit}>", "ratio>", "note"],
        rows.Select(row => (string[])
        [
            row.Name, Short(row.Values.Median), Range(row.Values), Text($"{row.Values.Count}"), row.RoofName ?? "",
            row.Roof is { } roof ? Short(roof) : "", row.Ratio is { } ratio ? Text($"{ratio:0.00}") : "", row.Note ?? "",
        ]));

    private static void WriteOperations(TextWriter output, string stage, List<OperationTime> operations)
    {
        var total = operations.Sum(operation => operation.Milliseconds);
        WriteTable(
            output, [$"{stage}: kernel, output, weights", "nodes>", "ms>", "share>", "GB/s>", "GFLOP/s>"],
            operations.Take(OperationsPerStage).Select(operation => (string[])
            [
                operation.Kernel, Text($"{operation.Count}"), Short(operation.Milliseconds), Text($"{operation.Milliseconds / total:0.0%}"),
                Short(operation.GigabytesPerSecond), Short(operation.GigaflopsPerSecond),
            ]).Append(["all", Text($"{operations.Sum(operation => operation.Count)}"), Short(total), "", "", ""]));
    }

    /// <summary>
    /// A Markdown table, padded so that it can be read as it is; a title that ends in '&gt;' is aligned to the right.
    /// </summary>
    private static void WriteTable(TextWriter output, string[] titles, IEnumerable<string[]> rows)
    {
        var right = titles.Select(title => title.EndsWith('>')).ToArray();
        List<string[]> lines = [[.. titles.Select(title => title.TrimEnd('>'))], .. rows];
        var widths = titles.Select((_, column) => Math.Max(3, lines.Max(line => line[column].Length))).ToArray();
        var rules = widths.Select((width, column) => new string('-', width + 1) + (right[column] ? ':' : '-'));
        output.WriteLine();
        for (var i = 0; i < lines.Count; i++)
        {
            var cells = lines[i].Select((cell, column) => right[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            output.WriteLine($"| {string.Join(" | ", cells)} |");
            if (i == 0) output.WriteLine($"|{string.Join("|", rules)}|");
        }
    }

    private static string Range(Samples samples) =>
        samples.Count == 1 ? "" : $"{Short(samples.Minimum)} to {Short(samples.Maximum)}";

    private static string Short(double value) => Math.Abs(value) switch
    {
        >= 100 => Text($"{value:0}"),
        >= 10 => Text($"{value:0.0}"),
        >= 1 => Text($"{value:0.00}"),
        _ => Text($"{value:0.000}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
