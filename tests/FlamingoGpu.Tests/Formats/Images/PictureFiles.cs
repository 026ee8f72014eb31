using System.Security.Cryptography;
using System.Text.Json;

namespace FlamingoGpu.Tests.Formats.Images;

/// <summary>The picture files of tests/golden/images and what Pillow made of them; see make_images.py there.</summary>
internal static class PictureFiles
{
    public static readonly string Golden = FindGolden();

    public static readonly JsonElement Manifest =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Golden, "images", "manifest.json"))).RootElement;

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Golden, "images", name));

    /// <summary>Lower-case hexadecimal SHA-256, as the manifest has it.</summary>
    public static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string FindGolden()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var golden = Path.Combine(folder, "tests", "golden");
            if (Directory.Exists(golden)) return golden;
        }

        throw new DirectoryNotFoundException($"no tests/golden above {AppContext.BaseDirectory}");
    }
}
