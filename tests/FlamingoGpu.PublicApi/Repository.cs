namespace FlamingoGpu.PublicApi;

/// <summary>Finds the repository and the built executable from the test assembly.</summary>
internal static class Repository
{
    /// <summary>The folder with README.md and the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>The executable built in the same configuration as this test.</summary>
    public static string Executable
    {
        get
        {
            var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(Root, "artifacts", "bin", "FlamingoGpu.Cli", configuration, "flamingo-run.dll");
        }
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FlamingoGpu.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException("FlamingoGpu.sln stands above no parent of the test assembly.");
    }
}
