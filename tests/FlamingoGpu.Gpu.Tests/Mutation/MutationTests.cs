using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>
/// The checker is checked: take one barrier, wait, commit, guard, bound or stage away from a kernel, and a check, a
/// wrong result or a count must tell. What nobody can tell is listed in survivors.txt with its reason, by family of
/// kernels. The samples of the kernel language are judged too, but do not count in the shares.
/// </summary>
public partial class MutationTests(ITestOutputHelper output)
{
    private const double LeastKilled = 0.98;
    private const double LeastByCheck = 0.98; // of barriers, waits, commits and fences

    /// <summary>Lines of kernel family | kind, number of how many | instruction | reason.</summary>
    private static readonly string[] Listed =
    [
        .. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Mutation", "survivors.txt"))
            .Where(line => line.Length > 0 && line[0] != '#'),
    ];

    [Fact]
    public void Judge_EveryMutant_IsKilledOrListedWithItsReason()
    {
        var survivors = new SortedSet<string>(StringComparer.Ordinal);
        var (real, samples) = (new List<(MutantKind Kind, Fate Fate)>(), new List<(MutantKind Kind, Fate Fate)>());
        output.WriteLine($"{"check",5} {"result",6} {"count",5} {"lives",5}");
        foreach (var name in Subjects.Names)
        {
            var judged = Subjects.Named(name).Judge();
            var fates = judged.Select(f => (f.Mutant.Kind, f.Fate)).ToArray();
            (Subjects.IsSample(name) ? samples : real).AddRange(fates);
            Print(name, fates);
            foreach (var (mutant, _) in judged.Where(f => f.Fate == Fate.Survived))
            {
                var count = judged.Max(f => f.Mutant.Kind == mutant.Kind ? f.Mutant.Number + 1 : 0);
                var key = $"{Family(name)} | {mutant.Kind} {mutant.Number + 1} of {count} | {mutant.Instruction}";
                survivors.Add(key);
                output.WriteLine($"survivor: {key} | {mutant.Source}, {name}");
            }
        }

        Print("samples", samples);
        Print("kernels", real);
        foreach (var kind in real.GroupBy(f => f.Kind).OrderBy(kind => kind.Key))
            Print($"kernels: {kind.Key}", [.. kind]);

        var expected = Listed.Select(line => line[..line.LastIndexOf(" | ", StringComparison.Ordinal)]).ToHashSet();
        Assert.True(survivors.SetEquals(expected),
            $"survivors that are not listed: {string.Join("; ", survivors.Except(expected))}\n"
            + $"listed, but killed or gone: {string.Join("; ", expected.Except(survivors))}");

        Assert.InRange(Share(real, fate => fate != Fate.Survived), LeastKilled, 1);
        var order = real.Where(f => IsOfOrder(f.Kind)).ToArray();
        Assert.InRange(Share(order, fate => fate == Fate.KilledByCheck), LeastByCheck, 1);

        // Every barrier, wait and fence that anything can miss is missed by a check, not only by a wrong result.
        Assert.DoesNotContain(real.Concat(samples), f => f.Fate == Fate.KilledByResult && IsOfOrder(f.Kind));
    }

    [Fact]
    public void Survivors_EveryLine_GivesAReason()
    {
        foreach (var line in Listed) Assert.True(line.Split(" | ") is [_, _, _, { Length: > 10 }], line);
        Assert.Equal(Listed.Length, Listed.Distinct().Count());
    }

    private static bool IsOfOrder(MutantKind kind) =>
        kind is MutantKind.Barrier or MutantKind.Wait or MutantKind.WeakWait or MutantKind.Commit
            or MutantKind.Fence;

    private static double Share(IReadOnlyCollection<(MutantKind Kind, Fate Fate)> fates, Func<Fate, bool> where) =>
        fates.Count(f => where(f.Fate)) / (double)fates.Count;

    private void Print(string name, IReadOnlyCollection<(MutantKind Kind, Fate Fate)> fates) => output.WriteLine(
        $"{Of(Fate.KilledByCheck, fates),5} {Of(Fate.KilledByResult, fates),6} {Of(Fate.KilledByCount, fates),5} "
        + $"{Of(Fate.Survived, fates),5}  {name}");

    private static int Of(Fate fate, IEnumerable<(MutantKind Kind, Fate Fate)> fates) =>
        fates.Count(f => f.Fate == fate);

    /// <summary>The kernel's name without types and sizes.</summary>
    private static string Family(string name) => Variant().Replace(name, "");

    [GeneratedRegex("_(f32|bf16|f16|geluerf|d?[0-9]|to_).*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variant();
}
