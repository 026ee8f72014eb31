// y[n, patch, (c, dy, dx)] = pixels[n, c, patchY·P + dy, patchX·P + dx].
// pixels [N, C, H, W] f32, lines `pitch` apart; y [N·patches, C·P·P] of Out, dense. Each thread has one vector of
// neighbouring dx (RowGrid). Writes are whole sectors; reads are runs of P pixels, whose ends are shared with the
// neighbouring patch through the cache. Bytes: every pixel kept once, y once. Any P, H ≥ P, W ≥ P.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Picture squares as rows, one vector a thread.</summary>
internal sealed record ExtractPatchesKernel(int PatchSize, DType Out, RowGrid Grid) : IKernelVariant
{
    public string Name => $"extract_patches_{PatchSize}_{Out.ShortName()}_{Grid.Name}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y[n, patch, (c, dy, dx)] = pixels[n, c, patchY * P + dy, patchX * P + dx]",
            Grid = Grid.Cover,
            Flops = _ => 0,
            Bytes = size => size["rows"] * (4 * size["columns"] + Out.ByteSize(size["columns"])),
        };
        return PtxKernel.Define(Name, Grid.Block, facts, k =>
        {
            var pixels = k.InputFloats("pixels", DType.F32, 4 * Grid.Vector);
            var y = k.OutputFloats("y", Out, (int)Out.ByteSize(Grid.Vector));
            var pitch = k.Scalar<S64>("pitch");
            var channels = k.Scalar<S32>("channels");
            var height = k.Scalar<S32>("height");
            var across = k.Scalar<S32>("across");
            var patches = k.Scalar<S32>("patches");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var (row, column) = Grid.Place(rows, columns);
            var (image, patch) = (row / patches, row % patches);
            var (channel, inside) = (column / (PatchSize * PatchSize), column % (PatchSize * PatchSize));
            var line = (image * channels + channel) * height + patch / across * PatchSize + inside / PatchSize;
            var source = pixels + line.ToS64() * pitch;
            var values = source.Load(patch % across * PatchSize + inside % PatchSize, Grid.Vector);
            (y + Isa.MulWide(row, columns)).Store(column, values);
        });
    }
}
