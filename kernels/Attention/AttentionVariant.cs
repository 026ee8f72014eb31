using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>The choices that attentions on tensor cores have in common.</summary>
/// <param name="In">Type of q, k and v: f16 or bf16.</param>
/// <param name="Out">Type of the result.</param>
/// <param name="HeadDim">D, a multiple of 16 up to 128.</param>
/// <param name="Group">Query heads that share a key head.</param>
/// <param name="Keys">Which keys.</param>
internal sealed record AttentionVariant(DType In, DType Out, int HeadDim, int Group, KeyStrategy Keys)
{
    /// <summary>Part of a kernel's name.</summary>
    public string Name =>
        $"{In.ShortName()}_{Out.ShortName()}_d{HeadDim}{(Group > 1 ? $"_g{Group}" : "")}_{Keys.Name}";
}
