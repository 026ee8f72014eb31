using System.Text.RegularExpressions;

namespace FlamingoGpu.Checks;

/// <summary>
/// Which lines of a PTX text belong to its main loop: every loop (from a label to a later branch back to it) that holds
/// a matrix product, or in a kernel without one, a multiply-add.
/// </summary>
public sealed partial class MainLoop
{
    private readonly List<(int First, int Last)> _loops = [];

    /// <summary>Finds the loops of a text.</summary>
    public MainLoop(string ptx)
    {
        var lines = ptx.Split('\n');
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        var loops = new List<(int First, int Last)>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (Label().Match(lines[i]) is { Success: true } label) labels[label.Groups["name"].Value] = i;
            if (Branch().Match(lines[i]) is { Success: true } branch
                && labels.TryGetValue(branch.Groups["name"].Value, out var first))
                loops.Add((first, i));
        }

        string[] kinds = ["wgmma.mma_async", "mma.sync"];
        var work = Array.Find(kinds, kind => ptx.Contains(kind, StringComparison.Ordinal)) ?? "fma.rn.f32";
        foreach (var (first, last) in loops)
        {
            if (lines[first..last].Any(line => line.Contains(work, StringComparison.Ordinal))) _loops.Add(
                (first + 1, last + 1));
        }
    }

    /// <summary>True when a line, counted from 1, lies in the main loop.</summary>
    public bool Holds(int line) => _loops.Exists(loop => line >= loop.First && line <= loop.Last);

    [GeneratedRegex(@"^\s*(?<name>\$?\w+):", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex(@"\bbra(\.uni)?\s+(?<name>\$?\w+)\s*;", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Branch();
}
