using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>
/// The checker is checked: take one barrier, wait, commit, guard, bound or stage away from a kernel, and a check or a
/// wrong result must tell. What nobody can tell is listed in survivors.txt with its reason, by family of kernels.
/// </summary>
public partial class MutationTests(ITestOutputHelper output)
{
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
        var fates = new List<(MutantKind Kind, Fate Fate)>();
        foreach (var name in Subjects.Names)
        {
            var judged = Subjects.Named(name).Judge();
            fates.AddRange(judged.Select(f => (f.Mutant.Kind, f.Fate)));
            foreach (var (mutant, _) in judged.Where(f => f.Fate == Fate.Survived))
            {
                var count = judged.Max(f => f.Mutant.Kind == mutant.Kind ? f.Mutant.Number + 1 : 0);
                var key = $"{Family(name)} | {mutant.Kind} {mutant.Number + 1} of {count} | {mutant.Instruction}";
                survivors.Add(key);
                output.WriteLine($"survivor: {key} | {mutant.Source}, {name}");
            }
        }

        foreach (var group in fates.GroupBy(f => f).OrderBy(g => g.Key))
        {
            output.WriteLine($"{group.Key.Kind} {group.Key.Fate}: {group.Count()}");
        }

        var expected = Listed.Select(line => line[..line.LastIndexOf(" | ", StringComparison.Ordinal)]).ToHashSet();
        Assert.True(survivors.SetEquals(expected),
            $"survivors that are not listed: {string.Join("; ", survivors.Except(expected))}\n"
            + $"listed, but killed or gone: {string.Join("; ", expected.Except(survivors))}");

        // Every barrier and wait that anything can miss is missed by a check, not only by a wrong result.
        Assert.DoesNotContain(fates, f => f.Fate == Fate.KilledByResult
            && (f.Kind is MutantKind.Barrier or MutantKind.Wait or MutantKind.WeakWait or MutantKind.Commit));
    }

    [Fact]
    public void Survivors_EveryLine_GivesAReason()
    {
        foreach (var line in Listed) Assert.True(line.Split(" | ") is [_, _, _, { Length: > 10 }], line);
        Assert.Equal(Listed.Length, Listed.Distinct().Count());
    }

    /// <summary>The kernel's name without types and sizes.</summary>
    private static string Family(string name) => Variant().Replace(name, "");

    [GeneratedRegex("_(f32|bf16|f16|geluerf|d?[0-9]|to_).*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variant();
}
