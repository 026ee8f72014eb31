using FlamingoGpu.Checks.Cases;

namespace FlamingoGpu.Checks;

/// <summary>
/// The cases: every op, every kernel variant; the models' shapes reduced, odd sizes, ragged edges, 16-bit types.
/// </summary>
public static class OpCases
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<OpCase> All { get; } =
        [.. MatMulCases.All, .. AttentionCases.All, .. RowCases.All, .. MovingCases.All, .. SamplingCases.All];

    /// <summary>The cases whose name has all words of a filter.</summary>
    /// <param name="filter">Words; null or empty for all cases.</param>
    public static IEnumerable<OpCase> Matching(string? filter)
    {
        var words = (filter ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return All.Where(@case => words.All(word => @case.Name.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }
}
