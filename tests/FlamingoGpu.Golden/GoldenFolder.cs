namespace FlamingoGpu.Golden;

/// <summary>Finds tests/golden from the built test assembly, and makes scratch copies of fixtures.</summary>
internal static class GoldenFolder
{
    private static readonly string Root = Find();

    /// <summary>Path of a fixture.</summary>
    public static string Of(string fixture) => Path.Combine(Root, fixture);

    /// <summary>A copy of a fixture that a test may damage; deleted with the returned object.</summary>
    public static ScratchFolder Copy(string fixture)
    {
        var scratch = new ScratchFolder();
        foreach (var file in Directory.EnumerateFiles(Of(fixture), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(scratch.Path, Path.GetRelativePath(Of(fixture), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return scratch;
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var golden = Path.Combine(folder.FullName, "tests", "golden");
            if (Directory.Exists(golden)) return golden;
        }

        throw new DirectoryNotFoundException("tests/golden stands above no parent of the test assembly.");
    }
}
