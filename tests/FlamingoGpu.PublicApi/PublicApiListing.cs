using System.Reflection;
using System.Text;

namespace FlamingoGpu.PublicApi;

/// <summary>
/// The public surface of the library as a text, so that a change shows in review. Set FLAMINGO_UPDATE_API=1 to write it
/// anew after a wanted change.
/// </summary>
public sealed class PublicApiListing
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests", "golden", "public-api.txt");

    [Fact]
    public void PublicSurface_Library_IsTheReviewedOne()
    {
        var actual = List(typeof(Flamingo).Assembly);
        if (Environment.GetEnvironmentVariable("FLAMINGO_UPDATE_API") == "1") File.WriteAllText(Golden, actual);

        Assert.Equal(File.ReadAllText(Golden), actual);
    }

    private static string List(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(type.FullName).Append('\n');
            const BindingFlags declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            var members = type.GetMembers(declared)
                .Where(member => member is not MethodInfo { IsSpecialName: true } && !member.Name.Contains('<', StringComparison.Ordinal))
                .Select(member => $"  {member.MemberType} {member}")
                .Order(StringComparer.Ordinal);
            foreach (var member in members) text.Append(member).Append('\n');
        }

        return text.ToString();
    }
}
