// Stores new keys and values [B, S, W] in a cache [B, C, W] at positions past[b] … past[b] + S − 1, all of one type,
// f32, f16 or bf16, rows any pitch. With rotary dims R the first R of each head's D key elements turn by the position,
// rounded once. Grid [S, B], a block of 128 threads a token. Bytes: 4·B·S·W elements. A past that does not fit the
// cache stores nothing. W any; by up to 16 bytes where all rows are aligned to them (turned keys one element at a
// time).

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Appends to a key-value cache.</summary>
/// <param name="Type">Type of all operands.</param>
/// <param name="HeadDim">D.</param>
/// <param name="RotaryDims">Rotated part of each key head, 0 for none.</param>
/// <param name="Elements">Elements a thread moves at once, up to 16 bytes.</param>
internal sealed record CacheAppend(DType Type, int HeadDim, int RotaryDims, int Elements) : IKernelVariant
{
    private const int Threads = 128;

    /// <inheritdoc/>
    public string Name =>
        $"cache_append_{Type.ShortName()}{(RotaryDims > 0 ? $"_rotary{RotaryDims}of{HeadDim}" : "")}_v{Elements}";

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "cache[b, past[b] + s] = new[b, s] for keys and values",
            Grid = size => new GridShape(size["tokens"], size["batch"]),
            Flops = size => 3 * size["tokens"] * size["batch"] * size["width"] * RotaryDims / HeadDim,
            Bytes = size => 4 * Type.ByteSize(size["tokens"] * size["batch"] * size["width"]),
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var pasts = k.Input<S32>("past", 4);
            var context = k.Scalar<S32>("context");
            var width = k.Scalar<S32>("width");
            var (token, batch) = (BlockIdx.X, BlockIdx.Y);
            var past = pasts[batch];
            var rotation = RotaryDims > 0 ? new HeadRotation(RotaryDims, k.Input<F32>("frequencies", 4), past) : null;
            ReturnIf(past.AsU32() > (context - GridDim.X).AsU32());
            var sourceRow = Isa.MadWide(batch, GridDim.X, token.ToS64());
            var targetRow = Isa.MadWide(batch, context, (past + token).ToS64());
            var (keys, cachedKeys) = Rows("k");
            if (rotation is null) Copy(keys, cachedKeys, width);
            else Turn(keys, cachedKeys, width, rotation, token);
            var (values, cachedValues) = Rows("v");
            Copy(values, cachedValues, width);

            (FloatPtr From, FloatPtr To) Rows(string name)
            {
                var source = k.InputFloats($"new_{name}", Type, (int)Type.ByteSize(Elements));
                var sourcePitch = k.Scalar<S64>($"new_{name}_pitch");
                var cache = k.OutputFloats($"cache_{name}", Type, (int)Type.ByteSize(Elements));
                var cachePitch = k.Scalar<S64>($"cache_{name}_pitch");
                return (source + sourceRow * sourcePitch, cache + targetRow * cachePitch);
            }
        });
    }

    private void Copy(FloatPtr from, FloatPtr to, S32 width) =>
        For(ThreadIdx.X * Elements, width, Threads * Elements, i => to.Store(i, from.Load(i, Elements)));

    private void Turn(FloatPtr from, FloatPtr to, S32 width, HeadRotation rotation, S32 token)
    {
        var heads = width / HeadDim;
        For(ThreadIdx.X, heads * rotation.Half, Threads, i =>
        {
            var pair = i % rotation.Half;
            var first = i / rotation.Half * HeadDim + pair;
            var second = first + rotation.Half;
            (to[first], to[second]) = rotation.Turn(from[first], from[second], pair, token);
        });
        var rest = HeadDim - RotaryDims;
        if (rest == 0) return;
        For(ThreadIdx.X, heads * rest, Threads, i =>
        {
            var column = i / rest * HeadDim + RotaryDims + i % rest;
            to[column] = from[column];
        });
    }
}
