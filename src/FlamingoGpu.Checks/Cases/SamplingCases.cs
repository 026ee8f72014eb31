using System.Globalization;
using FlamingoGpu.Kernels;
using static FlamingoGpu.Core.DType;

namespace FlamingoGpu.Checks.Cases;

/// <summary>Choosing the next token on the device: all results are positions or bits and have to be the same.</summary>
internal static class SamplingCases
{
    public static IReadOnlyList<OpCase> All { get; } =
    [
        Best(1, 1),
        Best(3, 443),
        Best(2, 50281),
        First(3, 443, 1),
        First(2, 5000, 64),
        First(1, 50281, 128),
        Draw("whole", 3, 443, new SampleToken(0.7f)),
        Draw("top-k", 2, 5000, new SampleToken(1f, TopK: 40)),
        Draw("top-p", 2, 50281, new SampleToken(1.3f, TopP: 0.9f)),
        Draw("all cuts", 4, 1000, new SampleToken(0.9f, TopK: 200, TopP: 0.95f, MinP: 0.02f)),
        Logits(3, 443, 1.3f),
        Logits(2, 4096, 1f),
        Beams(4, 443),
        Beams(2, 50281),
        new OpCase(
            "reorder_rows 2x6x9x24 f32", new ReorderRows(3, 4),
            [CaseInput.Of(F32, [2, 6, 9, 24]), CaseInput.Of([6], 1, 1, 0, 5, 3, 4), CaseInput.Of([2], 2, 5),
                CaseInput.Of([2], 6, 8)])
        {
            IsInPlace = true,
        },
        new OpCase(
            "reorder_rows 2x4x8x256 bf16", new ReorderRows(2, 8),
            [CaseInput.Of(BF16, [2, 4, 8, 256]), CaseInput.Of([4], 1, 0, 3, 2), CaseInput.Of([2], 0, 0),
                CaseInput.Of([2], 8, 8)])
        {
            IsInPlace = true,
            IsAligned = true,
        },
        new OpCase(
            "pick_elements 3x5 of 443", new PickElements(),
            [CaseInput.Of(F32, [3, 443]), CaseInput.Of([3, 5], [.. Enumerable.Range(0, 15).Select(i => i * 31)])]),
        new OpCase(
            "advance_decode 3 rows", new AdvanceDecode(),
            [
                CaseInput.Of([3], 17, -1, 90), CaseInput.Of([3, 1], 1, 2, 3), CaseInput.Of([3], 5, 0, 7),
                CaseInput.Of([3, 4], new int[12]), CaseInput.Of([1], 2), CaseInput.Of([3, 3], new int[9]),
            ]) { Written = [1, 2, 3, 4, 5] },
    ];

    private static OpCase Best(int rows, int columns) =>
        new($"arg_max {rows}x{columns}", new ArgMax(), [CaseInput.Of(F32, [rows, columns], 9)]);

    private static OpCase First(int rows, int columns, int count) =>
        new($"top_k {count} of {rows}x{columns}", new TopK(count), [CaseInput.Of(F32, [rows, columns], 9)]);

    /// <summary>
    /// Draws are uniform in 0.05 … 0.95; none of them lies at a boundary, or the devices would differ.
    /// </summary>
    private static OpCase Draw(string what, int rows, int columns, SampleToken op) => new(
        $"sample_token {what} {rows}x{columns}", op,
        [CaseInput.Of(F32, [rows, columns], 6), CaseInput.Of(F32, [rows], 0.45) with { Center = 0.5 }]);

    private static OpCase Beams(int rows, int columns)
    {
        var words = (int)ProcessLogits.WordsFor(columns);
        int[] banned = [.. Enumerable.Range(0, words).Select(i => i % 5 == 1 ? 0x40020 : 0)];
        return new OpCase(
            $"beam_scores {rows}x{columns}", new BeamScores(),
            [CaseInput.Of(F32, [rows, columns], 9), CaseInput.Of(F32, [rows], 5), CaseInput.Of([words], banned)]);
    }

    private static OpCase Logits(int rows, int columns, float penalty)
    {
        var words = (int)ProcessLogits.WordsFor(columns);
        int[] banned = [.. Enumerable.Range(0, words).Select(i => i % 3 == 0 ? 0x10001 : 0)];
        int[] seen = [.. Enumerable.Range(0, rows * words).Select(i => i * 0x9E3779)];
        return new OpCase(
            $"process_logits {rows}x{columns} penalty {penalty.ToString(CultureInfo.InvariantCulture)}",
            new ProcessLogits(penalty),
                [CaseInput.Of(F32, [rows, columns], 9), CaseInput.Of([words], banned),
                CaseInput.Of([rows, words], seen)]);
    }
}
