// cache[l, r, t] = cache[l, parents[r], t] for the rows of a group at once and for from[g] ≤ t < to[g].
// cache [layers, rows, tokens, width] as raw words, in place; parents [R], from, to [groups] i32. Grid [words of
// MaxTokens tokens, groups, layers], 64 threads a block. A thread owns one word of a token in all rows of the group: it
// reads them all, keeps them in its own column of shared memory, then writes the rows that changed, so that no thread
// waits for another and cycles need no spare row. Words beyond the range end at once.
// Shared memory: Group · 64 words, without bank conflicts. Bytes: the moved tokens once each way.
// Words of 16 bytes where width and address allow, else of 4 or 2. Group at most 64.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Rows of a cache in a new order, one word a thread.</summary>
internal sealed record ReorderRowsKernel(int Group, int WordBytes) : IKernelVariant
{
    private const int Threads = 64;

    public string Name => $"reorder_rows_{Group}_{WordBytes}";

    /// <summary>A launch of the kernel.</summary>
    public static GpuLaunch Bind(GpuKernels kernels, ReorderRows op, ReadOnlySpan<BoundTensor> inputs,
        BoundTensor cache)
    {
        ReorderRows.RequireInPlace("gpu", inputs[0], cache);
        var tokenBytes = cache.DType.ByteSize(cache.Shape[3]);
        var word = 16;
        while (tokenBytes % word != 0 || cache.Address % word != 0) word = word == 16 ? 4 : 2;
        var words = checked((int)(tokenBytes / word));
        var (rows, tokens, groups) = (checked((int)cache.Shape[1]), checked((int)cache.Shape[2]),
            inputs[2].Shape.ElementCount);
        var span = Math.Min(op.MaxTokens, tokens);
        return kernels.Launch(
            new ReorderRowsKernel(op.Group, word),
            LaunchSizes.Of(("layers", cache.Shape[0]), ("groups", groups), ("words", (long)span * words)),
            cache, inputs[1], inputs[2], inputs[3], rows, tokens, words, checked(span * words));
    }

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "rows of a cache continue other rows of their group",
            Grid = size => new GridShape(GridShape.Cover(size["words"], Threads), size["groups"], size["layers"]),
            Flops = _ => 0,
            Bytes = size => 2 * size["layers"] * size["groups"] * Group * size["words"] * WordBytes,
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            if (WordBytes == 2) Stage<BF16>(k, 1);
            else Stage<B32>(k, WordBytes / 4);
        });
    }

    private void Stage<T>(KernelBuilder k, int parts)
        where T : struct, IDeviceValue<T>
    {
        var cache = k.InOut<T>("cache", WordBytes);
        var parents = k.Input<S32>("parents", 4);
        var from = k.Input<S32>("from", 4);
        var to = k.Input<S32>("to", 4);
        var rows = k.Scalar<S32>("rows");
        var tokens = k.Scalar<S32>("tokens");
        var words = k.Scalar<S32>("words");
        var spanWords = k.Scalar<S32>("spanWords");

        var index = BlockIdx.X * Threads + ThreadIdx.X;
        ReturnIf(index >= spanWords);
        var token = Max(from[BlockIdx.Y], 0) + index / words;
        ReturnIf(token >= Min(to[BlockIdx.Y], tokens));
        var rowWords = Isa.MulWide(tokens, words);
        var first = BlockIdx.Y * Group;
        var word = (BlockIdx.Z * rows + first).ToS64() * rowWords + Isa.MadWide(token, words, (index % words).ToS64());
        Ptr<T> Row(int row) => cache + (word + rowWords * row) * parts;

        var own = DynamicSharedArray<T>(Group * Threads * parts) + ThreadIdx.X * parts;
        for (var batch = 0; batch < Group; batch += 8)
        {
            // Eight loads under way before the first is waited for.
            var loaded = Enumerable.Range(batch, Math.Min(8, Group - batch))
                .Select(row => Load(Row(row), parts)).ToList();
            for (var i = 0; i < loaded.Count; i++) Keep(own + (batch + i) * Threads * parts, loaded[i]);
        }

        for (var row = 0; row < Group; row++)
        {
            var parent = parents[first + row] - first;
            var target = Row(row);
            If(
                (parent != row) & (parent >= 0) & (parent < Group),
                () => Move(own + parent * (Threads * parts), target, parts));
        }
    }

    private static T[] Load<T>(Ptr<T> address, int parts)
        where T : struct, IDeviceValue<T>
    {
        if (parts == 1) return [address[0]];
        var four = Isa.LdGlobalV4(address);
        return [four.X, four.Y, four.Z, four.W];
    }

    private static void Keep<T>(Shared<T> address, T[] word)
        where T : struct, IDeviceValue<T>
    {
        if (word.Length == 1) address[0] = word[0];
        else Isa.StSharedV4(address, new Vec4<T>(word[0], word[1], word[2], word[3]));
    }

    private static void Move<T>(Shared<T> source, Ptr<T> target, int parts)
        where T : struct, IDeviceValue<T>
    {
        if (parts == 1) target[0] = source[0];
        else Isa.StGlobalV4(target, Isa.LdSharedV4(source));
    }
}
