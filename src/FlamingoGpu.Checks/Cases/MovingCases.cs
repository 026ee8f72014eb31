using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using static FlamingoGpu.Core.DType;

namespace FlamingoGpu.Checks.Cases;

/// <summary>Ops that move elements or add one to another.</summary>
internal static class MovingCases
{
    public static IReadOnlyList<OpCase> All { get; } =
    [
        .. new[] { F32, F16, BF16 }.Select(type => Lookup(type, 443, 127)),
        Lookup(BF16, 64, 2048) with { IsAligned = true, IsMemoryBound = true },
        new OpCase(
            "add_rows 2x6x127 slice", new AddRows(2),
                [CaseInput.Of(F32, [2, 6, 127], gap: 3), CaseInput.Of(F32, [3, 127])]),
        new OpCase("add_rows 4x64x1024", new AddRows(64),
            [CaseInput.Of(F32, [4, 64, 1024]), CaseInput.Of(F32, [4, 1024])])
        {
            IsAligned = true,
        },
        Assemble(F32, F32, 3, 7, 127, gap: 5),
        Assemble(BF16, F32, 2, 16, 1024) with { IsAligned = true },
        Assemble(F16, F32, 1, 4, 64),
        Patches(F32, 2, 3, 28, 42, 14),
        Patches(F32, 1, 3, 17, 23, 5),
        Patches(BF16, 1, 3, 56, 56, 14),
        Patches(F16, 1, 3, 32, 32, 8),
        new OpCase("repeat_rows 5 of 64x127", new RepeatRows(5), [CaseInput.Of(F32, [64, 127])]),
        new OpCase("repeat_rows 4 of 64x1024", new RepeatRows(4), [CaseInput.Of(F32, [64, 1024])]) { IsAligned = true },
        new OpCase(
            "select_rows 5 of 14x127 slice", new SelectRows(),
            [CaseInput.Of(F32, [2, 7, 127], gap: 4), CaseInput.Of([5], 13, 0, 6, 6, 7)]),
        new OpCase("select_rows 8 of 32x2048", new SelectRows(),
            [CaseInput.Of(F32, [32, 2048]), CaseInput.Of([8], 31, 2, 3, 5, 7, 11, 13, 17)])
        {
            IsAligned = true,
            IsMemoryBound = true,
        },
        new OpCase("slice_tokens 2+3 of 3x7x127 slice", new SliceTokens(2, 3),
            [CaseInput.Of(F32, [3, 7, 127], gap: 9)]),
        new OpCase("slice_tokens 1+16 of 2x17x1024", new SliceTokens(1, 16), [CaseInput.Of(F32, [2, 17, 1024])])
        {
            IsAligned = true,
            IsMemoryBound = true,
        },
    ];

    private static OpCase Lookup(DType type, int rows, int columns)
    {
        int[] ids = [0, rows - 1, rows / 2, 0, rows / 3, rows - 1];
        return new OpCase(
            $"embedding {type.ShortName()} 2x3 of {rows}x{columns}", new Embedding(),
            [CaseInput.Of([2, 3], ids), CaseInput.Of(type, [rows, columns])]);
    }

    private static OpCase Assemble(DType x, DType y, int images, int patches, int columns, int gap = 0) => new(
        $"assemble_tokens {x.ShortName()} {y.ShortName()} {images}x{patches}x{columns}{(gap > 0 ? " slice" : "")}",
        new AssembleTokens { OutputType = y },
        [
            CaseInput.Of(x, [images, patches, columns], gap: gap), CaseInput.Of(F32, [columns]),
            CaseInput.Of(F32, [patches + 1, columns]),
        ]);

    private static OpCase Patches(DType y, int images, int channels, int height, int width, int size) => new(
        $"extract_patches {y.ShortName()} {images}x{channels}x{height}x{width} of {size}",
        new ExtractPatches(size) { OutputType = y }, [CaseInput.Of(F32, [images, channels, height, width])]);
}
