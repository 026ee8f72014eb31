using FlamingoGpu.Tests.Formats;

namespace FlamingoGpu.Tests.Cli;

/// <summary>Files of the repository that command lines name.</summary>
internal static class Paths
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(GoldenFolder.Path, "..", ".."));

    public static string Tiny { get; } = Path.Combine(Root, "weights", "flamingo-tiny");

    public static string Photo { get; } = GoldenFolder.File("images", "jpeg_base_2x2_35x18.jpg");

    public static string Drawing { get; } = GoldenFolder.File("images", "png_c2_d8_plain_19x13.png");

    public static string Fixture(string name) => GoldenFolder.File(name);
}
