using System.Text.Json;
using FlamingoGpu.Formats.Json;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>
/// Figures of other libraries, measured on the same machine: an object with <c>sections</c>, each with <c>rows</c> that
/// have sizes (<c>m</c>, <c>n</c>, <c>k</c>, or <c>b</c>, <c>h</c>, <c>sq</c>, <c>sk</c>, <c>d</c>) and <c>tflops</c>,
/// <c>gbps</c> or <c>us</c>.
/// </summary>
internal sealed class PeerFile
{
    private const int LongestFile = 64 << 20;
    private readonly List<(string Section, Dictionary<string, double> Figures, string Name)> _rows = [];

    /// <summary>Reads a file.</summary>
    /// <exception cref="Core.InvalidFileException">It is no such file.</exception>
    public PeerFile(string path)
    {
        foreach (var (section, content) in JsonPart.Load(path, LongestFile).Required("sections").Members())
        {
            foreach (var row in content.Required("rows").Elements())
                _rows.Add((section, Figures(row), row.Required("name").Text()));
        }
    }

    /// <summary>The best peer for a shape in the shape's unit, or null.</summary>
    public (string Name, double Value)? Find(GpuShape shape)
    {
        var found = _rows.Where(row => Matches(row.Section, row.Figures, row.Name, shape))
            .Select(row => (row.Name, Value: Value(row.Figures, shape))).Where(row => row.Value > 0).ToList();
        return found.Count == 0 ? null : found.MaxBy(row => row.Value);
    }

    /// <summary>
    /// The best peer for a figure of a whole model: its decode tokens/s, or its time to the first token in ms.
    /// </summary>
    public (string Name, double Value)? FindModel(string name, string unit)
    {
        var size = name.Contains("3b", StringComparison.Ordinal) ? "3B" : name.Contains("9b", StringComparison.Ordinal)
            ? "9B" : null;
        if (size is null) return null;
        var rows = _rows.Where(row => row.Section == "models" && row.Name.StartsWith(size, StringComparison.Ordinal));
        var found = unit switch
        {
            "tokens/s" => rows.Where(row => row.Name.EndsWith(" B1", StringComparison.Ordinal))
                .Select(row => (row.Name, Value: row.Figures.GetValueOrDefault("tokens_per_s")))
                    .Where(row => row.Value > 0).ToList(),
            "ms" => rows.Where(row => row.Name.EndsWith(name[(name.LastIndexOf(' ') + 1)..], StringComparison.Ordinal))
                .Select(row => (row.Name,
                    Value: (row.Figures.GetValueOrDefault("vision_us") + row.Figures.GetValueOrDefault("lm_us")) / 1e3))
                .Where(row => row.Value > 0).ToList(),
            _ => [],
        };
        return found.Count == 0 ? null : unit == "ms" ? found.MinBy(row => row.Value) : found.MaxBy(row => row.Value);
    }

    /// <summary>Numbers of a row; where it has several backends, the time of the best.</summary>
    private static Dictionary<string, double> Figures(JsonPart row)
    {
        var figures = row.Members().Where(member => member.Value.Kind == JsonValueKind.Number)
            .ToDictionary(member => member.Key, member => member.Value.Number(), StringComparer.Ordinal);
        if (row.Optional("backends") is not { } backends || row.Optional("best") is not { } best) return figures;
        figures["us"] = backends.Required(best.Text()).Required("us").Number();
        return figures;
    }

    private static bool Matches(string section, Dictionary<string, double> figures, string name, GpuShape shape)
    {
        bool Has(params ReadOnlySpan<(string Key, double Value)> sizes)
        {
            foreach (var (key, value) in sizes)
            {
                if (!figures.TryGetValue(key, out var actual) || actual != value) return false;
            }

            return true;
        }

        var q = shape.Inputs[0].Shape;
        return shape.Op switch
        {
            MatMul when shape.Sizes is { } sizes =>
                section == "gemm" && !name.Contains('+') && Has(("m", sizes.M), ("n", sizes.N), ("k", sizes.K)),
            Attention op => section == "attention"
                && Has(("b", q[0]), ("h", op.Heads), ("sq", q[1]), ("sk", shape.Inputs[1].Shape[1]),
                    ("d", op.HeadDim))
                && !name.Contains("causal", StringComparison.Ordinal)
                    && !name.Contains("alibi", StringComparison.Ordinal),
            CausalAttention op =>
                section == "attention"
                && Has(("b", q[0]), ("h", op.Heads), ("sq", q[1]), ("sk", q[1]), ("d", op.HeadDim))
                && name.Contains(op.Alibi ? "alibi" : "causal", StringComparison.Ordinal),
            RepeatRows => section == "ceilings" && name.StartsWith("copy", StringComparison.Ordinal),
            _ => false,
        };
    }

    private static double Value(Dictionary<string, double> figures, GpuShape shape)
    {
        if (figures.TryGetValue(shape.Unit == "GB/s" ? "gbps" : "tflops", out var value)) return value;
        return figures.TryGetValue("us", out var microseconds) && shape.Op is not RepeatRows
            ? shape.Work * 1e6 / microseconds : 0;
    }
}
