namespace FlamingoGpu.Fuzz;

/// <summary>Valid files from tests/golden, found from wherever the tests run.</summary>
internal static class SeedFiles
{
    public static byte[] Read(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine([folder.FullName, "tests", "golden", .. parts]);
            if (File.Exists(candidate)) return File.ReadAllBytes(candidate);
        }
        throw new FileNotFoundException($"tests/golden/{string.Join('/', parts)} is not above the test assembly.");
    }
}
