namespace FlamingoGpu.Parity;

/// <summary>The comparison of one fixture folder.</summary>
/// <param name="Fixture">The folder, as named.</param>
/// <param name="Stages">All stages compared, in the order of the forward pass.</param>
/// <param name="Unsupported">Parts that could not be run yet, each by name with the reason.</param>
public sealed record FixtureReport(string Fixture, IReadOnlyList<StageReport> Stages, IReadOnlyList<string> Unsupported)
{
    /// <summary>True when every compared stage matches.</summary>
    public bool Matches => Stages.All(stage => stage.Matches);

    /// <summary>The first stage that does not match: where the computation went wrong. Null when all do.</summary>
    public string? FirstMismatch => Stages.FirstOrDefault(stage => !stage.Matches)?.Name;
}
