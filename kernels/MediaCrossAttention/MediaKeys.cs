using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Each query sees the latents of the media its span names, which lie together in memory. A block reads from the first
/// to the last medium that any of its queries sees and nothing else: media are numbered in the order of the text, so
/// all in between belong to one of the queries. A span that names media that are not there makes the query's result
/// NaN; nothing is read for it.
/// </summary>
internal sealed record MediaKeys : KeyStrategy
{
    /// <inheritdoc/>
    public override string Name => "media";

    /// <inheritdoc/>
    public override KeyScope Open(KernelBuilder k, QueryBlock block)
    {
        var media = k.Scalar<S32>("media");
        var latents = k.Scalar<S32>("latents");
        var spans = k.Input<S32>("spans", 8) + Isa.MulWide(block.Batch, block.Count) * 2L;

        Span Read(S32 query)
        {
            // A query behind the last one reads the last one's span; its result is not stored.
            var (first, count) = Isa.LdGlobalV2(spans + (Min(query, block.Count - 1) << 1));
            var size = Isa.Abs(count);

            // As unsigned numbers the smallest integer, which has no absolute value, is large too.
            var isInvalid = (count != 0) & ((first.AsU32() > media.AsU32()) | (size.AsU32() > (media - first).AsU32()));
            var isEmpty = isInvalid | (count == 0);
            return new Span(
                Select(isEmpty, 0, first * latents), Select(isEmpty, 0, (first + size) * latents),
                isEmpty, count < 0, isInvalid);
        }

        var seen = Bounds(block, Read);
        var run = KeyRun.Declare(k, block, "media", isWritten: false, () => (0L, seen.First, seen.End));
        return new KeyScope(
            [run with { SharedFirst = seen.SharedFirst, SharedEnd = seen.SharedEnd }],
            (_, query) =>
            {
                var span = Read(query);
                return new QueryRow
                {
                    First = span.First,
                    End = span.End,
                    IsAverage = span.IsAverage,
                    IsInvalid = span.IsInvalid,
                };
            });
    }

    /// <summary>The launch's arguments for <see cref="Open"/>.</summary>
    public static KernelArgument[] Arguments(BoundTensor keys, BoundTensor values, BoundTensor spans) =>
        [keys.Shape.Int(0), keys.Shape.Int(1), spans, .. KeyRun.Arguments(keys, values)];

    /// <summary>What any and what every query of the block sees; each warp looks at all of them.</summary>
    private static (S32 First, S32 End, S32 SharedFirst, S32 SharedEnd) Bounds(QueryBlock block, Func<S32, Span> read)
    {
        if (block.Rows == 1)
        {
            var only = read(block.First);
            return (only.First, only.End, only.First, only.End);
        }

        S32 first = int.MaxValue, end = 0, sharedFirst = 0, sharedEnd = int.MaxValue;
        for (var row = 0; row < block.Rows; row += 32)
        {
            var span = read(block.First + row + LaneId);
            first = Min(first, Isa.ReduxSyncMin(Select(span.IsEmpty, int.MaxValue, span.First)));
            end = Max(end, Isa.ReduxSyncMax(span.End));
            sharedFirst = Max(sharedFirst, Isa.ReduxSyncMax(span.First));
            sharedEnd = Min(sharedEnd, Isa.ReduxSyncMin(span.End));
        }

        return (first, end, sharedFirst, sharedEnd);
    }

    private sealed record Span(S32 First, S32 End, Pred IsEmpty, Pred IsAverage, Pred IsInvalid);
}
