// y = epilogue(Σ parts): adds the parts of a product that was cut along K, in their order, and finishes it.
// parts [parts, M, N] f32, dense; y and epilogue: GpuEpilogue. Grid: pieces of 128 vectors of a row × rows.
// Sums in f32. Bytes: every part read once. M up to 65535 rows, N any.

using FlamingoGpu.Ptx;
using FlamingoGpu.Runtime.Gpu;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>The second launch of a product that was cut along its inner axis.</summary>
internal sealed record CombineParts(GpuEpilogue Epilogue) : IKernelVariant
{
    private const int Threads = 128;

    private const int MaxRows = 65535; // the second extent of a grid
    private const int MaxParts = 16;

    /// <summary>In how many parts a product of [m, n] results can be cut: they must fit scratch memory; 1 at least.</summary>
    public static int MostParts(long m, long n) =>
        m > MaxRows ? 1 : (int)Math.Clamp(GpuDevice.ScratchBytes / Math.Max(1, 4 * m * n), 1, MaxParts);

    /// <inheritdoc/>
    public string Name => $"combine_parts{Epilogue.Name}";

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var width = Epilogue.Width;
        var facts = new KernelFacts
        {
            Purpose = "y = epilogue(sum of parts)",
            Grid = size => new GridShape(GridShape.Cover(size["n"], Threads * width), size["m"]),
            Flops = size => size["parts"] * size["m"] * size["n"],
            Bytes = size => 4 * size["parts"] * size["m"] * size["n"] + Epilogue.Bytes(size["m"], size["n"]),
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var parts = k.Input<F32>("parts");
            var count = k.Scalar<S32>("parts_count");
            var m = k.Scalar<S32>("m");
            var n = k.Scalar<S32>("n");
            var epilogue = new GpuEpilogueCode(k, Epilogue, n);

            var column = (BlockIdx.X * Threads + ThreadIdx.X) * width;
            ReturnIf(column >= n);
            var partLength = Isa.MulWide(m, n);
            var at = parts + (Isa.MulWide(BlockIdx.Y, n) + column.ToS64());
            var sums = new Var<F32>[width];
            for (var i = 0; i < width; i++) sums[i] = Var(0f);
            For(0, count, part =>
            {
                var from = at + part.ToS64() * partLength;
                if (width == 1)
                {
                    sums[0] += from[0];
                    return;
                }

                var four = Isa.LdGlobalV4(from);
                for (var i = 0; i < width; i++) sums[i] += four[i];
            });
            epilogue.Store(BlockIdx.Y, column, [.. sums.Select(sum => sum.Value)]);
        });
    }
}
