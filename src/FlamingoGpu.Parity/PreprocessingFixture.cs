using System.Globalization;
using System.Text.RegularExpressions;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Images;
using FlamingoGpu.Models.Preprocessing;

namespace FlamingoGpu.Parity;

/// <summary>
/// Pictures and what the references make of them: decoded pixels, the prepared picture in u8, the normalised tensor.
/// Pixels must be equal; the normalisation rounds three times.
/// </summary>
internal static partial class PreprocessingFixture
{
    /// <summary>Compares every tensor of the fixture.</summary>
    public static FixtureReport Run(string folder)
    {
        using var expected = TensorBag.Open(Path.Combine(folder, "expected.safetensors"));
        var stages = new List<StageReport>();
        var unsupported = new List<string>();
        var files = Directory.EnumerateFiles(Path.Combine(folder, "images")).ToDictionary(path => Path.GetFileName(path)!);
        foreach (var name in expected.Names)
        {
            var file = files.Keys.Where(file => name.StartsWith(file + ".", StringComparison.Ordinal)).MaxBy(file => file.Length);
            if (file is null) throw new InvalidFileException(Path.Combine(folder, "images"), $"no picture for the expected tensor '{name}'.");
            var kind = name[(file.Length + 1)..];
            var picture = ImageDecoders.Decode(File.ReadAllBytes(files[file]), file);
            if (Compare(expected, name, kind, picture) is { } stage) stages.Add(stage);
            else unsupported.Add($"{name}: the kind '{kind}' is not known");
        }

        return new FixtureReport(folder, stages, unsupported);
    }

    private static StageReport? Compare(TensorBag expected, string name, string kind, Picture picture)
    {
        if (kind == "decoded_rgb") return Comparison.Exact(name, expected.Bytes(name), picture.ToRgb().Pixels);
        var match = Kind().Match(kind);
        if (!match.Success) return null;
        var height = int.Parse(match.Groups["height"].Value, CultureInfo.InvariantCulture);
        var width = match.Groups["width"].Success ? int.Parse(match.Groups["width"].Value, CultureInfo.InvariantCulture) : height;
        var preprocessor = new ImagePreprocessor(new PreprocessingConfig
        {
            ImageHeight = height,
            ImageWidth = width,
            Kind = match.Groups["family"].Value == "idefics" ? PreprocessingKind.Idefics : PreprocessingKind.OpenClip,
        });
        if (match.Groups["u8"].Success) return Comparison.Exact(name, expected.Bytes(name), preprocessor.ToInputSize(picture).Pixels);
        return Comparison.Numbers(name, expected.Floats(name), preprocessor.Process(picture), 3 * RoundingBound.Unit, "3u·max|e| (÷255, −mean, ÷std)");
    }

    [GeneratedRegex(@"^(?<family>open_clip|idefics)_(?<height>\d+)(x(?<width>\d+))?(?<u8>_u8)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Kind();
}
