namespace FlamingoGpu.Parity;

/// <summary>Runs golden fixture folders (layouts in tests/golden/README.md).</summary>
public static class ParityRunner
{
    /// <summary>
    /// Runs a fixture folder, and its <c>bf16</c> sub-folder where there is one (a report each).
    /// </summary>
    /// <exception cref="Core.InvalidFileException">The folder is no fixture, or a file in it is damaged.</exception>
    public static IReadOnlyList<FixtureReport> Run(string folder, ParityOptions options)
    {
        _ = options;
        throw new NotSupportedException($"{folder}: fixtures cannot be run yet.");
    }
}
