using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Query s of batch entry b stands at position p = past[b] + s of the cache and sees keys 0 … p; with ALiBi its score of
/// key j gets slope · (j − p) added. A past that does not fit the cache makes the entry's results NaN; nothing of the
/// cache is read then.
/// </summary>
/// <param name="Alibi">True when there is a slope for each head.</param>
internal sealed record CausalKeys(bool Alibi) : KeyStrategy
{
    private const float Log2E = 1.44269504f;

    /// <inheritdoc/>
    public override string Name => Alibi ? "causal_alibi" : "causal";

    /// <inheritdoc/>
    public override KeyScope Open(KernelBuilder k, QueryBlock block)
    {
        var context = k.Scalar<S32>("context");
        var past = k.Input<S32>("past", 4)[block.Batch];
        var slopes = Alibi ? k.Input<F32>("slopes", 4) : default;
        var isInvalid = past.AsU32() > (context - block.Count).AsU32();
        var firstPosition = past + block.First;
        var run = KeyRun.Declare(k, block, "cache", () =>
        {
            var end = Min(firstPosition + block.Rows, past + block.Count);
            return (Isa.MulWide(block.Batch, context), 0, Select(isInvalid, 0, end));
        });
        return new KeyScope(
            [run with { SharedEnd = firstPosition + 1 }],
            (head, query) =>
            {
                var position = past + query;
                return new QueryRow
                {
                    End = Select(isInvalid, 0, position + 1),
                    Slope = Alibi ? slopes[head] * Log2E : null,
                    Position = Alibi ? position : null,
                    IsInvalid = isInvalid,
                };
            });
    }

    /// <summary>The launch's arguments for <see cref="Open"/>.</summary>
    public static KernelArgument[] Arguments(
        BoundTensor cacheK, BoundTensor cacheV, BoundTensor past, BoundTensor? slopes) =>
        slopes is { } given
            ? [cacheK.Shape.Int(1), past, given, .. KeyRun.Arguments(cacheK, cacheV)]
            : [cacheK.Shape.Int(1), past, .. KeyRun.Arguments(cacheK, cacheV)];
}
