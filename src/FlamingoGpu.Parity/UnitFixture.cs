using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Parity;

/// <summary>
/// A folder of single operations: <c>units.json</c> names op and variant (a fixed vocabulary) and settings (free), one
/// tensor file each holds inputs, weights and outputs.
/// </summary>
internal sealed class UnitFixture(string folder, ParityOptions options)
{
    /// <summary>Compares every unit.</summary>
    public FixtureReport Run()
    {
        var path = Path.Combine(folder, "units.json");
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        using var compute = ComputeDevice.Open(options.Device, options.Threads);
        var stages = new List<StageReport>();
        var unsupported = new List<string>();
        foreach (var unit in json.RootElement.EnumerateArray())
        {
            var name = unit.GetProperty("name").GetString()!;
            var op = unit.GetProperty("op").GetString()!;
            var variant = unit.TryGetProperty("variant", out var v) ? v.GetString() ?? "" : "";
            using var bag = TensorBag.Open(Path.Combine(folder, $"{name}.safetensors"));
            var settings = unit.TryGetProperty("params", out var p) ? p : default;
            using var context = new UnitContext(name, variant, settings, bag, compute, options.MatrixType);
            var compare = UnitOps.Find(op);
            if (compare is null) unsupported.Add($"{name}: the op '{op}' is not supported yet");
            else Add(stages, unsupported, context, compare);
        }

        return new FixtureReport(folder, stages, unsupported);
    }

    private static void Add(
        List<StageReport> stages, List<string> unsupported, UnitContext context, Func<UnitContext, IEnumerable<StageReport>> compare)
    {
        try
        {
            stages.AddRange(compare(context));
        }
        catch (NotSupportedException error)
        {
            unsupported.Add($"{context.Name}: {error.Message}");
        }
        catch (Exception error) when (error is ShapeMismatchException or ArgumentException)
        {
            throw new InvalidFileException(context.Name, $"the unit's tensors do not fit its op: {error.Message}", inner: error);
        }
    }
}
