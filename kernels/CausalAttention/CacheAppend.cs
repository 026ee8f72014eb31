// Stores new keys and values [B, S, W] in a cache [B, C, W] at positions past[b] … past[b] + S − 1, all of one type,
// f32, f16 or bf16, rows any pitch. Grid [S, B], a block of 128 threads a token. Bytes: 4·B·S·W elements. A past that
// does not fit the cache stores nothing. W any; by up to 16 bytes where all rows are aligned to them.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Appends to a key-value cache.</summary>
/// <param name="Type">Type of all operands.</param>
/// <param name="Elements">Elements a thread moves at once, up to 16 bytes.</param>
internal sealed record CacheAppend(DType Type, int Elements) : IKernelVariant
{
    private const int Threads = 128;

    /// <inheritdoc/>
    public string Name => $"cache_append_{Type.ShortName()}_v{Elements}";

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "cache[b, past[b] + s] = new[b, s] for keys and values",
            Grid = size => new GridShape(size["tokens"], size["batch"]),
            Flops = _ => 0,
            Bytes = size => 4 * Type.ByteSize(size["tokens"] * size["batch"] * size["width"]),
        };
        var alignment = (int)Type.ByteSize(Elements);
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var pasts = k.Input<S32>("past", 4);
            var context = k.Scalar<S32>("context");
            var width = k.Scalar<S32>("width");
            var (token, batch) = (BlockIdx.X, BlockIdx.Y);
            var past = pasts[batch];
            ReturnIf(past.AsU32() > (context - GridDim.X).AsU32());
            var sourceRow = Isa.MadWide(batch, GridDim.X, token.ToS64());
            var targetRow = Isa.MadWide(batch, context, (past + token).ToS64());
            foreach (var name in new[] { "k", "v" })
            {
                var source = k.InputFloats($"new_{name}", Type, alignment);
                var sourcePitch = k.Scalar<S64>($"new_{name}_pitch");
                var cache = k.OutputFloats($"cache_{name}", Type, alignment);
                var cachePitch = k.Scalar<S64>($"cache_{name}_pitch");
                var (from, to) = (source + sourceRow * sourcePitch, cache + targetRow * cachePitch);
                For(ThreadIdx.X * Elements, width, Threads * Elements, i =>
                {
                    to.Store(i, from.Load(i, Elements));
                });
            }
        });
    }
}
