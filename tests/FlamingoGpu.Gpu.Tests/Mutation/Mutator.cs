using System.Globalization;
using System.Text.RegularExpressions;

namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>
/// Makes mutants of a PTX text, one instruction a mutant. A guard is one of a memory access or of a branch around an
/// If's body; loops' own tests and arithmetic under the guard of an access are none. Unrolled code repeats its lines:
/// of equal guards and bounds of one C# line the last is changed, which is the one at the edge.
/// </summary>
internal static partial class Mutator
{
    private const int StageUnit = 1024;

    public static IReadOnlyList<Mutant> Mutants(string text)
    {
        var lines = text.Split('\n');
        var stage = StageBytes(lines);
        var all = new List<Mutant>();
        for (var i = 0; i < lines.Length; i++)
        {
            foreach (var (kind, changed) in Changes(lines, i, stage))
            {
                var number = all.Count(mutant => mutant.Kind == kind);
                var copy = (string[])lines.Clone();
                copy[i] = changed;
                all.Add(new Mutant(kind, number, Plain(lines[i]), SourceOf(lines[i]), string.Join('\n', copy)));
            }
        }

        return [.. all.Where(mutant => mutant.Kind is not (MutantKind.Guard or MutantKind.Bound)
            || ReferenceEquals(all.Last(other => IsLike(other, mutant)), mutant))];
    }

    /// <summary>Mutants of the text for dependent launches: without its wait, and with one that comes too late.</summary>
    public static IReadOnlyList<Mutant> DependentWaits(string text)
    {
        var lines = text.Split('\n').ToList();
        var wait = lines.FindIndex(line => line.Contains("griddepcontrol.wait", StringComparison.Ordinal));
        var line = lines[wait];
        lines.RemoveAt(wait);
        var deleted = string.Join('\n', lines);
        lines.Insert(lines.FindIndex(wait, GlobalLine().IsMatch) + 1, line);
        return
        [
            new Mutant(MutantKind.DependentWait, 0, Plain(line), SourceOf(line), deleted),
            new Mutant(MutantKind.LateDependentWait, 0, Plain(line), SourceOf(line), string.Join('\n', lines)),
        ];
    }

    private static IEnumerable<(MutantKind Kind, string Line)> Changes(string[] lines, int index, int stage)
    {
        var line = lines[index];
        if (BarrierLine().IsMatch(line)) yield return (MutantKind.Barrier, "");
        if (CommitLine().IsMatch(line)) yield return (MutantKind.Commit, "");
        if (FenceLine().IsMatch(line)) yield return (MutantKind.Fence, "");
        if (line.Contains("cp.async.wait_all", StringComparison.Ordinal)) yield return (MutantKind.Wait, "");
        if (WaitLine().Match(line) is { Success: true } wait)
        {
            var pending = int.Parse(wait.Groups[2].Value, CultureInfo.InvariantCulture);
            yield return (MutantKind.Wait, "");
            yield return (MutantKind.WeakWait, $"{wait.Groups[1].Value} {pending + 1};");
        }

        if (GuardedLine().Match(line) is { Success: true } guarded)
        {
            yield return (MutantKind.Guard, guarded.Groups[1].Value == "bra" ? "" : GuardOf().Replace(line, ""));
        }

        // A comparison that the next line branches on has that branch as its mutant; whether a product adds is no bound.
        if (CompareLine().Match(line) is { Success: true } compare
            && !lines.Any(other => other.Contains("wgmma.mma_async", StringComparison.Ordinal)
                && other.Contains($", {compare.Groups[1].Value}, 1, ", StringComparison.Ordinal))
            && !lines[index + 1].Contains($"@!{compare.Groups[1].Value} bra", StringComparison.Ordinal))
        {
            yield return (MutantKind.Bound, $"setp.eq.u32 {compare.Groups[1].Value}, 0, 0;");
        }

        if (stage > 0 && OffsetLine().Match(line) is { Success: true } offset
            && long.Parse(offset.Groups[2].Value, CultureInfo.InvariantCulture) % StageUnit == 0)
        {
            var value = long.Parse(offset.Groups[2].Value, CultureInfo.InvariantCulture) + stage;
            if (value > stage) yield return (MutantKind.Stage, $"{offset.Groups[1].Value}{value};");
        }
    }

    /// <summary>The smallest multiple of 1024 that an unsigned offset is moved or compared by; 0 without a
    /// ring.</summary>
    private static int StageBytes(string[] lines)
    {
        if (!lines.Any(line => line.Contains("cp.async.commit_group", StringComparison.Ordinal))) return 0;
        var offsets = lines.Select(line => OffsetLine().Match(line)).Where(match => match.Success)
            .Select(match => long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
            .Where(value => value > 0 && value % StageUnit == 0).ToArray();
        return offsets.Length == 0 ? 0 : (int)offsets.Min();
    }

    private static bool IsLike(Mutant left, Mutant right) =>
        (left.Kind, left.Source, left.Instruction) == (right.Kind, right.Source, right.Instruction);

    /// <summary>Without registers and labels' numbers, which change with every edit of the kernel.</summary>
    private static string Plain(string line) =>
        Register().Replace(line.Split("//")[0].Trim(), "%$1").TrimEnd(';');

    private static string SourceOf(string line)
    {
        var comment = line.IndexOf("//", StringComparison.Ordinal);
        return comment < 0 ? "" : line[(comment + 2)..].Trim();
    }

    [GeneratedRegex(@"^\s*(?:@!?%p\d+ )?(ld|st|cp|red|atom)\.[a-z.]*global\b", RegexOptions.None, 1000)]
    private static partial Regex GlobalLine();

    [GeneratedRegex(@"^\s*(bar\.sync|bar\.arrive|bar\.warp\.sync|barrier\.sync)\b", RegexOptions.None, 1000)]
    private static partial Regex BarrierLine();

    [GeneratedRegex(@"^\s*(cp\.async\.commit_group|wgmma\.commit_group)\b", RegexOptions.None, 1000)]
    private static partial Regex CommitLine();

    [GeneratedRegex(@"^\s*(fence\.proxy\.async|wgmma\.fence)\b", RegexOptions.None, 1000)]
    private static partial Regex FenceLine();

    [GeneratedRegex(@"^\s*(cp\.async\.wait_group|wgmma\.wait_group\.sync\.aligned) (\d+);", RegexOptions.None, 1000)]
    private static partial Regex WaitLine();

    [GeneratedRegex(@"^\s*@!?%p\d+ (ld|st|cp|red|atom|bra(?! \$(?:end)?for))\b", RegexOptions.None, 1000)]
    private static partial Regex GuardedLine();

    [GeneratedRegex(@"@!?%p\d+ ", RegexOptions.None, 1000)]
    private static partial Regex GuardOf();

    [GeneratedRegex(@"^\s*setp\.[a-z0-9.]+ (%p\d+), ", RegexOptions.None, 1000)]
    private static partial Regex CompareLine();

    [GeneratedRegex(
        @"^(\s*(?:add\.u32 %r\d+, %r\d+, |mov\.[bu]32 %r\d+, |setp\.[a-z]+\.u32 %p\d+, %r\d+, ))(\d+);",
        RegexOptions.None, 1000)]
    private static partial Regex OffsetLine();

    [GeneratedRegex(@"[%$]([a-z]+)\d+", RegexOptions.None, 1000)]
    private static partial Regex Register();
}
