using Xunit.Abstractions;

namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>
/// The checker is checked: take one barrier, wait, commit, guard, bound or stage away from a kernel, and a check or a
/// wrong result must tell. What nobody can tell is listed in survivors.txt with its reason.
/// </summary>
public class MutationTests(ITestOutputHelper output)
{
    private static readonly string[] Listed = File.ReadAllLines(
        Path.Combine(AppContext.BaseDirectory, "Mutation", "survivors.txt"));

    public static TheoryData<string> Names => [.. Subjects.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Judge_EveryMutant_IsKilledOrListedWithItsReason(string name)
    {
        var fates = Subjects.Named(name).Judge();
        foreach (var group in fates.GroupBy(f => (f.Mutant.Kind, f.Fate)).OrderBy(g => g.Key.Kind))
        {
            output.WriteLine($"{name}: {group.Key.Kind} {group.Key.Fate} {group.Count()}");
        }

        var survivors = fates.Where(f => f.Fate == Fate.Survived).Select(f => Key(name, f.Mutant)).ToArray();
        var expected = Listed.Where(line => line.StartsWith($"{name} | ", StringComparison.Ordinal)).ToArray();
        foreach (var (mutant, fate) in fates.Where(f => f.Fate == Fate.Survived))
        {
            output.WriteLine($"{Key(name, mutant)} | ({mutant.Source})");
        }

        Assert.Equal(expected.Select(line => line[..line.LastIndexOf(" | ", StringComparison.Ordinal)]), survivors);
    }

    [Fact]
    public void Survivors_EveryLine_NamesAKernelAndGivesAReason()
    {
        foreach (var line in Listed.Where(line => line.Length > 0 && line[0] != '#'))
        {
            var parts = line.Split(" | ");
            Assert.Equal(4, parts.Length);
            Assert.Contains(parts[0], Subjects.Names);
            Assert.NotEmpty(parts[3].Trim());
        }
    }

    private static string Key(string name, Mutant mutant) =>
        $"{name} | {mutant.Kind} {mutant.Number} | {mutant.Instruction}";
}
