using FlamingoGpu.Checks.Cases;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Checks;

/// <summary>
/// The cases: every op, every kernel variant; the models' shapes reduced, odd sizes, ragged edges, 16-bit types.
/// </summary>
public static class OpCases
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<OpCase> All { get; } =
    [
        .. MatMulCases.All, .. AttentionCases.All, .. WithoutWarpgroups(MatMulCases.All),
        .. WithoutWarpgroups(AttentionCases.All), .. RowCases.All, .. MovingCases.All, .. SamplingCases.All,
    ];

    /// <summary>Shapes of real models, whose kernels are built but not run.</summary>
    public static IReadOnlyList<OpCase> Large { get; } = [.. LargeCases.All, .. WithoutWarpgroups(LargeCases.All)];

    /// <summary>The cases whose name has all words of a filter.</summary>
    /// <param name="filter">Words; null or empty for all cases.</param>
    /// <param name="withLarge">Whether those too that are not run.</param>
    public static IEnumerable<OpCase> Matching(string? filter, bool withLarge = false)
    {
        var words = (filter ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var cases = withLarge ? All.Concat(Large) : All;
        return cases.Where(@case => words.All(word => @case.Name.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Once more as on devices without warpgroup instructions, where that makes a difference.</summary>
    private static IEnumerable<OpCase> WithoutWarpgroups(IEnumerable<OpCase> cases) =>
        from @case in cases
        where @case.Op is MatMul or CausalAttention
        where @case.NeedsTensorCores || LargeCases.All.Contains(@case)
        select @case with { Name = $"{@case.Name} sm_80", WithoutWarpgroups = true };
}
