// y = epilogue(Σ parts): adds the parts of a product that was cut along K, in their order, and finishes it.
// parts [Parts, M, N] f32, dense; y and epilogue: GpuEpilogue. Grid: pieces of 128 vectors of a row × rows.
// A thread loads its elements of all parts before it adds the first. Sums in f32. Bytes: every part read once.
// 2 to 16 parts, M up to 65535 rows, N any.

using FlamingoGpu.Ptx;
using FlamingoGpu.Runtime.Gpu;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>The second launch of a product that was cut along its inner axis.</summary>
internal sealed record CombineParts(int Parts, GpuEpilogue Epilogue) : IKernelVariant
{
    private const int Threads = 128;

    private const int MaxRows = 65535; // the second extent of a grid
    private const int MaxParts = 16;

    /// <summary>In how many parts a product of [m, n] results can be cut to fit scratch memory; 1 at least.</summary>
    public static int MostParts(long m, long n) =>
        m > MaxRows ? 1 : (int)Math.Clamp(GpuDevice.ScratchBytes / Math.Max(1, 4 * m * n), 1, MaxParts);

    /// <inheritdoc/>
    public string Name => $"combine_{Parts}parts{Epilogue.Name}";

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var width = Epilogue.Width;
        var facts = new KernelFacts
        {
            Purpose = "y = epilogue(sum of parts)",
            Grid = size => new GridShape(GridShape.Cover(size["n"], Threads * width), size["m"]),
            Flops = size => Parts * size["m"] * size["n"],
            Bytes = size => 4 * Parts * size["m"] * size["n"] + Epilogue.Bytes(size["m"], size["n"]),
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var parts = k.Input<F32>("parts");
            var m = k.Scalar<S32>("m");
            var n = k.Scalar<S32>("n");
            var epilogue = new GpuEpilogueCode(k, Epilogue, n);

            var column = (BlockIdx.X * Threads + ThreadIdx.X) * width;
            ReturnIf(column >= n);
            var partLength = Isa.MulWide(m, n);
            var at = parts + (Isa.MulWide(BlockIdx.Y, n) + column.ToS64());
            var loaded = new F32[Parts][];
            for (var part = 0; part < Parts; part++)
            {
                var from = at + partLength * part;
                loaded[part] = width == 1 ? [from[0]] : Four(Isa.LdGlobalV4(from));
            }

            var sums = loaded[0];
            for (var part = 1; part < Parts; part++)
                for (var i = 0; i < width; i++) sums[i] += loaded[part][i];
            epilogue.Finish(BlockIdx.Y, column, sums);
        });
    }

    private static F32[] Four(Vec4<F32> vector) => [vector.X, vector.Y, vector.Z, vector.W];
}
