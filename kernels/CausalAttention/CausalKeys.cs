using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Query s of batch entry b stands at position p = past[b] + s of the cache and sees keys 0 … p; with ALiBi its score
/// of key j gets slope · (j − p) added, with rotary dims it turns by p first. A past that does not fit the cache makes
/// the entry's results NaN; nothing of the cache is read then.
/// </summary>
/// <param name="Alibi">True when there is a slope for each head.</param>
/// <param name="RotaryDims">Rotated part of each query head, 0 for none.</param>
/// <param name="Appends">True for a single query whose own key and value are not in the cache yet.</param>
internal sealed record CausalKeys(bool Alibi, int RotaryDims, bool Appends) : KeyStrategy
{
    private const float Log2E = 1.44269504f;

    /// <inheritdoc/>
    public override string Name =>
        $"causal{(Alibi ? "_alibi" : "")}{(RotaryDims > 0 ? $"_rotary{RotaryDims}" : "")}{(Appends ? "_append" : "")}";

    /// <inheritdoc/>
    public override KeyScope Open(KernelBuilder k, QueryBlock block)
    {
        var context = k.Scalar<S32>("context");
        var past = k.Input<S32>("past", 4)[block.Batch];
        var slopes = Alibi ? k.Input<F32>("slopes", 4) : default;
        var rotation = RotaryDims > 0 ? new HeadRotation(RotaryDims, k.Input<F32>("frequencies", 4), past) : null;
        var isInvalid = past.AsU32() > (context - block.Count).AsU32();
        var firstPosition = past + block.First;
        var batchRow = Isa.MulWide(block.Batch, context);
        var run = KeyRun.Declare(k, block, "cache", Appends, () =>
        {
            var end = Appends ? past : Min(firstPosition + block.Rows, past + block.Count);
            return (batchRow, 0, Select(isInvalid, 0, end));
        });
        return new KeyScope(
            [run with { SharedEnd = Appends ? run.End : firstPosition + 1 }],
            (head, query) =>
            {
                var position = past + query;
                return new QueryRow
                {
                    End = Appends ? null : Select(isInvalid, 0, position + 1),
                    Slope = Alibi ? slopes[head] * Log2E : null,
                    Position = Alibi ? position : null,
                    IsInvalid = isInvalid,
                };
            })
        {
            Rotation = rotation,
            Fresh = Appends ? Declare(k, block, run, past, !isInvalid) : null,
        };
    }

    /// <summary>The launch's arguments for <see cref="Open"/>.</summary>
    /// <param name="cacheK">[B, C, W].</param>
    /// <param name="cacheV">[B, C, W].</param>
    /// <param name="past">[B].</param>
    /// <param name="slopes">[H] with ALiBi.</param>
    /// <param name="frequencies">Address of [R/2] frequencies with rotary dims.</param>
    /// <param name="newK">[B, 1, W] when the key is appended.</param>
    /// <param name="newV">[B, 1, W] when the key is appended.</param>
    public KernelArgument[] Arguments(
        BoundTensor cacheK, BoundTensor cacheV, BoundTensor past, BoundTensor? slopes, nint frequencies,
        BoundTensor newK, BoundTensor newV)
    {
        var arguments = new List<KernelArgument> { cacheK.Shape.Int(1), past };
        if (slopes is { } given) arguments.Add(given);
        if (RotaryDims > 0) arguments.Add(frequencies);
        arguments.AddRange(KeyRun.Arguments(cacheK, cacheV));
        if (Appends) arguments.AddRange(KeyRun.Arguments(newK, newV));
        return [.. arguments];
    }

    private static FreshKey Declare(KernelBuilder k, QueryBlock block, KeyRun cache, S32 past, Pred isValid)
    {
        var fresh = KeyRun.Declare(k, block, "new", isWritten: false, () => (block.Batch.ToS64(), 0, 1));
        var position = past.ToS64();
        return new FreshKey(
            fresh.Keys, fresh.Values, cache.Keys + position * cache.KeyPitch,
            cache.Values + position * cache.ValuePitch, past, isValid);
    }
}
