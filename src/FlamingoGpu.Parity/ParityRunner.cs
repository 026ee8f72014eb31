using FlamingoGpu.Core;

namespace FlamingoGpu.Parity;

/// <summary>Runs golden fixture folders (layouts in tests/golden/README.md).</summary>
public static class ParityRunner
{
    /// <summary>
    /// Runs a fixture folder, and its <c>bf16</c> sub-folder where there is one (a report each).
    /// </summary>
    /// <param name="folder">A model fixture, a <c>units</c> folder or a <c>preprocessing</c> folder.</param>
    /// <param name="options">Device, conversions and overrides.</param>
    /// <exception cref="InvalidFileException">The folder is no fixture, or a file in it is damaged.</exception>
    public static IReadOnlyList<FixtureReport> Run(string folder, ParityOptions options)
    {
        if (!Directory.Exists(folder)) throw new InvalidFileException(folder, "no such folder; parity takes fixture folders.");
        bool Has(string file) => File.Exists(Path.Combine(folder, file));
        if (Has("units.json")) return [new UnitFixture(folder, options).Run()];
        if (Has("images.json")) return [PreprocessingFixture.Run(folder)];
        if (Has("fixture.json")) return RunModel(folder, options);
        if (Has("config.json") && Has("expected.safetensors"))
            return [new FixtureReport(folder, [], ["IDEFICS models are not supported yet"])];
        throw new InvalidFileException(folder, "is no fixture: expected fixture.json (a model), units.json or images.json in it.");
    }

    private static List<FixtureReport> RunModel(string folder, ParityOptions options)
    {
        var reports = new List<FixtureReport> { ModelFixture.Run(folder, folder, options) };
        var bf16 = Path.Combine(folder, "bf16");
        if (Directory.Exists(bf16)) reports.Add(ModelFixture.Run(bf16, folder, options));
        return reports;
    }
}
