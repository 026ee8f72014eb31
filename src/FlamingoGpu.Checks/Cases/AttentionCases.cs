using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using static FlamingoGpu.Core.DType;

namespace FlamingoGpu.Checks.Cases;

/// <summary>The four attentions: prompt and single token, every head size, slices of fused projections.</summary>
internal static class AttentionCases
{
    public static IReadOnlyList<OpCase> All { get; } =
    [
        // ViT: 257 tokens. [batch, queries, keys, heads, head size]
        Full(F32, 1, 257, 257, 1, 64),
        Full(F32, 1, 64, 64, 2, 64) with { IsAligned = true },
        Full(F32, 1, 32, 96, 1, 128) with { IsAligned = true },
        Full(F32, 2, 7, 13, 3, 5),
        Full(F32, 1, 31, 127, 2, 33, gap: 7),
        Full(BF16, 1, 257, 257, 2, 64, gap: 256) with { NeedsTensorCores = true },
        Full(BF16, 1, 128, 128, 1, 64) with { NeedsTensorCores = true, IsAligned = true },
        Full(F16, 1, 65, 257, 1, 80) with { NeedsTensorCores = true },
        Full(F16, 2, 33, 70, 1, 32) with { NeedsTensorCores = true },
        Full(BF16, 1, 64, 192, 1, 128) with { NeedsTensorCores = true },
        Full(BF16, 1, 17, 23, 2, 24),

        // Resampler: media, then latents.
        Latent(F32, 1, 16, 65, 2, 24),
        Latent(F32, 2, 5, 9, 2, 7),
        Latent(BF16, 2, 64, 256, 1, 64) with { NeedsTensorCores = true },
        Latent(BF16, 1, 64, 257, 1, 96) with { NeedsTensorCores = true },
        Latent(F16, 1, 37, 32, 2, 16) with { NeedsTensorCores = true },

        // Language model: prompts and single tokens. [tokens, heads, head size, past of the longest row]
        Causal(F32, 33, 2, 16, 13, alibi: true),
        Causal(F32, 70, 1, 80, 0, alibi: false),
        Causal(F32, 1, 2, 64, 127, alibi: true),
        Causal(F32, 1, 3, 5, 40, alibi: false),
        Causal(BF16, 130, 1, 128, 5, alibi: true) with { NeedsTensorCores = true },
        Causal(BF16, 65, 2, 80, 64, alibi: false) with { NeedsTensorCores = true },
        Causal(F16, 128, 1, 64, 0, alibi: true) with { NeedsTensorCores = true },
        Causal(BF16, 1, 2, 128, 255, alibi: true),
        Causal(F16, 1, 2, 80, 443, alibi: false),
        Causal(BF16, 1, 8, 128, 511, alibi: true, rows: 1) with { IsAligned = true, IsMemoryBound = true },

        // Shared key heads, and rotary on the way in.
        Causal(F32, 19, 4, 16, 7, alibi: false, keyHeads: 2, rotary: 16),
        Causal(F32, 1, 4, 24, 33, alibi: true, keyHeads: 1),
        Causal(BF16, 70, 4, 64, 20, alibi: false, keyHeads: 2) with { NeedsTensorCores = true },
        Causal(BF16, 65, 2, 80, 9, alibi: false, rotary: 80) with { NeedsTensorCores = true },
        Causal(BF16, 21, 2, 80, 9, alibi: false, rotary: 20),
        Causal(F16, 1, 4, 128, 200, alibi: false, keyHeads: 2, rotary: 128),

        // Gated cross-attention: tokens before the first picture, of one, of all previous, and of changing media.
        Media(F32, 2, 20, 3, 9, 2, 16),
        Media(F32, 1, 1, 2, 64, 2, 64),
        Media(BF16, 1, 70, 3, 64, 2, 64) with { NeedsTensorCores = true },
        Media(F16, 2, 33, 2, 64, 1, 80) with { NeedsTensorCores = true },
        Media(BF16, 2, 1, 2, 64, 8, 64),
    ];

    /// <summary>Every query sees every key.</summary>
    public static OpCase Full(DType type, int batch, int queries, int keys, int heads, int dim, int gap = 0)
    {
        var width = heads * dim;
        return new OpCase(
            $"attention {type.ShortName()} {batch}x{queries}x{keys} {heads}x{dim}{(gap > 0 ? " slice" : "")}",
            new Attention(heads, dim, Scale(dim)) { OutputType = type },
            [
                CaseInput.Of(type, [batch, queries, width], 3, gap), CaseInput.Of(type, [batch, keys, width], 2, gap),
                CaseInput.Of(type, [batch, keys, width], 1, gap),
            ]);
    }

    private static OpCase Latent(DType type, int batch, int latents, int features, int heads, int dim)
    {
        var width = heads * dim;
        return new OpCase(
            $"latent_attention {type.ShortName()} {batch}x{latents}+{features} {heads}x{dim}",
            new LatentAttention(heads, dim, Scale(dim)) { OutputType = type },
            [
                CaseInput.Of(type, [batch, latents, width], 3),
                CaseInput.Of(type, [batch, features, width], 2, width),
                    CaseInput.Of(type, [batch, features, width], 1, width),
                CaseInput.Of(type, [batch, latents, width], 2, width),
                    CaseInput.Of(type, [batch, latents, width], 1, width),
            ]);
    }

    /// <summary>Queries see what came before them, in a cache with some past.</summary>
    public static OpCase Causal(
        DType type, int tokens, int heads, int dim, int past, bool alibi, int rows = 3, int keyHeads = 0,
            int rotary = 0)
    {
        int[] pasts = [.. Enumerable.Range(0, rows).Select(row => row == 0 ? past : row == 1 ? past / 2 : 0)];
        var (width, context) = (heads * dim, past + tokens + (rows == 1 ? 0 : 2));
        var keyWidth = (keyHeads == 0 ? heads : keyHeads) * dim;
        var gap = width + 2 * keyWidth; // of a fused projection
        var inputs = new List<CaseInput>
        {
            CaseInput.Of(type, [rows, tokens, width], 3, gap - width),
            CaseInput.Of(type, [rows, tokens, keyWidth], 2, gap - keyWidth),
            CaseInput.Of(type, [rows, tokens, keyWidth], 1, gap - keyWidth),
            CaseInput.Of(type, [rows, context, keyWidth], 2), CaseInput.Of(type, [rows, context, keyWidth]),
            CaseInput.Of([rows], pasts),
        };
        if (alibi) inputs.Add(CaseInput.Of(F32, [heads], 0.2) with { Center = 0.3 });
        var options = $"{(alibi ? " alibi" : "")}{(keyHeads > 0 ? $" of {keyHeads}" : "")}";
        if (rotary > 0) options += $" rotary {rotary}";
        var name = $"causal_attention {type.ShortName()} {rows}x{tokens} behind {past} {heads}x{dim}{options}";
        var op = new CausalAttention(heads, dim, Scale(dim), alibi, keyHeads, rotary) { OutputType = type };
        return new OpCase(name, op, inputs) { Written = [3, 4] };
    }

    private static OpCase Media(DType type, int batch, int tokens, int media, int latents, int heads, int dim)
    {
        var width = heads * dim;
        var spans = new List<int>();
        for (var i = 0; i < batch * tokens; i++)
        {
            var medium = i * (media + 1) / (batch * tokens) - 1;
            spans.AddRange(
                medium < 0 ? [0, 0]
                : i % 11 == 5 ? [0, -media]
                : i % 7 == 3 ? [0, medium + 1] : [medium, 1]);
        }

        if (tokens == 1) spans = [.. Enumerable.Range(0, batch).SelectMany(row => new[] { row % media, 1 })];
        return new OpCase(
            $"media_cross_attention {type.ShortName()} {batch}x{tokens} of {media}x{latents} {heads}x{dim}",
            new MediaCrossAttention(heads, dim, Scale(dim)) { OutputType = type },
            [
                CaseInput.Of(type, [batch, tokens, width], 3), CaseInput.Of(type, [media, latents, width], 2, width),
                CaseInput.Of(type, [media, latents, width], 1, width), CaseInput.Of([batch, tokens, 2], [.. spans]),
            ]);
    }

    private static float Scale(int dim) => (float)(1 / Math.Sqrt(dim));
}
