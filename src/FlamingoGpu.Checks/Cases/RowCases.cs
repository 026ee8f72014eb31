using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using static FlamingoGpu.Core.DType;

namespace FlamingoGpu.Checks.Cases;

/// <summary>Norms, activations, rotary positions, log-softmax.</summary>
internal static class RowCases
{
    public static IReadOnlyList<OpCase> All { get; } =
    [
        Layer(F32, F32, 33, 1024) with { IsAligned = true, IsMemoryBound = true },
        Layer(F32, BF16, 16, 2048, bias: false) with { IsAligned = true, IsMemoryBound = true },
        Layer(BF16, BF16, 64, 1024) with { IsAligned = true, IsMemoryBound = true },
        Layer(F16, F16, 24, 512) with { IsAligned = true, IsMemoryBound = true },
        Layer(F32, F32, 7, 443),
        Layer(F32, F16, 5, 127, gap: 5),
        Layer(F32, F32, 65, 64, gap: 64),
        Layer(F32, F32, 3, 4097, bias: false),
        Layer(BF16, F32, 2, 65),
        Layer(F32, F32, 2, 33001),
        Layer(F32, F32, 4, 256) with { IsInPlace = true, Name = "layer_norm f32 f32 4x256 bias in place" },
        Layer(F32, F32, 5, 443, groups: 2),
        Layer(BF16, BF16, 16, 2048, bias: false, groups: 2) with { IsAligned = true, IsMemoryBound = true },
        Rms(F32, F32, 32, 2048) with { IsAligned = true, IsMemoryBound = true },
        Rms(BF16, BF16, 64, 1024) with { IsAligned = true, IsMemoryBound = true },
        Rms(F32, BF16, 7, 443),
        Rms(F32, F32, 2, 40000),
        Rms(F16, F32, 5, 130, gap: 4),
        .. Enum.GetValues<Activation>().Select(function => Active(function, F32, F32, 7, 443)),
        Active(Activation.GeluErf, BF16, BF16, 32, 1024) with { IsAligned = true, IsMemoryBound = true },
        Active(Activation.Silu, F16, F16, 3, 127, gap: 9),
        Active(Activation.None, F32, BF16, 16, 1024) with { IsAligned = true, IsMemoryBound = true },
        Active(Activation.None, F32, F16, 5, 33),
        Active(Activation.None, BF16, F32, 5, 33),
        Active(Activation.QuickGelu, F32, F32, 4, 64)
            with { IsInPlace = true, Name = "activate QuickGelu f32 f32 4x64 in place" },
        Turn(F32, F32, 2, 7, 3, 80, 80),
        Turn(BF16, BF16, 2, 9, 2, 128, 128),
        Turn(F16, F16, 1, 5, 2, 64, 16),
        Turn(F32, F32, 1, 3, 5, 7, 6),
        Log(7, 443),
        Log(1, 1),
        Log(2, 50281),
        Log(4, 4096) with { IsAligned = true },
    ];

    private static OpCase Layer(DType x, DType y, int rows, int columns, bool bias = true, int gap = 0, int groups = 1)
    {
        var inputs = new List<CaseInput>
        {
            CaseInput.Of(x, [rows, groups * columns], 2, gap) with { Center = 3 },
        };
        for (var i = 0; i < (bias ? 2 * groups : groups); i++) inputs.Add(CaseInput.Of(F32, [columns]));
        return new OpCase(
            $"layer_norm {x.ShortName()} {y.ShortName()} {rows}x{columns}{(groups > 1 ? $"x{groups}" : "")}"
            + $"{(bias ? " bias" : "")}{Slice(gap)}",
            new LayerNorm(1e-5f, bias) { OutputType = y, Groups = groups }, inputs);
    }

    private static OpCase Rms(DType x, DType y, int rows, int columns, int gap = 0) => new(
        $"rms_norm {x.ShortName()} {y.ShortName()} {rows}x{columns}{Slice(gap)}", new RmsNorm(1e-6f) { OutputType = y },
        [CaseInput.Of(x, [rows, columns], 2, gap), CaseInput.Of(F32, [columns])]);

    private static OpCase Active(Activation function, DType x, DType y, int rows, int columns, int gap = 0) => new(
        $"activate {function} {x.ShortName()} {y.ShortName()} {rows}x{columns}{Slice(gap)}",
        new Activate(function) { OutputType = y }, [CaseInput.Of(x, [rows, columns], 8, gap)]);

    private static OpCase Turn(DType x, DType y, int batch, int tokens, int heads, int dim, int rotary)
    {
        int[] positions = [.. Enumerable.Range(0, batch * tokens).Select(i => i * 1009 % 2048)];
        return new OpCase(
            $"rotary {x.ShortName()} {y.ShortName()} {batch}x{tokens} {heads}x{dim} of {rotary} slice",
            new Rotary(heads, dim, rotary, 10000f) { OutputType = y },
            [CaseInput.Of(x, [batch, tokens, heads * dim], gap: 2 * heads * dim),
                CaseInput.Of([batch, tokens], positions)]);
    }

    private static OpCase Log(int rows, int columns) => new(
        $"log_softmax {rows}x{columns}", new LogSoftmax(), [CaseInput.Of(F32, [rows, columns], 12)]);

    private static string Slice(int gap) => gap > 0 ? " slice" : "";
}
