using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>The choice of warpgroup tiles on 132 multiprocessors.</summary>
public sealed class WarpgroupTilesTests
{
    private const int Multiprocessors = 132;

    [Theory]
    [InlineData(8192, 8192, 8192)]
    [InlineData(4112, 4096, 1024)] // 528 tiles: four whole waves
    [InlineData(512, 8192, 2048)]
    public void Choose_ManyTiles_TakesTheLargestWhole(int m, int n, int k)
    {
        var (tile, parts) = WarpgroupTiles.Choose(m, n, k, Multiprocessors);
        Assert.Equal((128, 256, 1), (tile.M, tile.N, parts));
    }

    [Theory]
    [InlineData(64, 2048, 8192)]
    [InlineData(257, 1024, 4096)]
    [InlineData(512, 2048, 8192)]
    public void Choose_FewTiles_KeepsTheDeviceBusy(int m, int n, int k)
    {
        var (tile, parts) = WarpgroupTiles.Choose(m, n, k, Multiprocessors);
        Assert.True(tile.Blocks(m, n) * parts >= 0.6 * Multiprocessors, $"{tile} in {parts} parts");
    }

    [Theory]
    [InlineData(33, 8, 8)]
    [InlineData(70000, 64, 4096)]
    [InlineData(33, 200000, 4096)]
    public void Choose_AnyShape_KeepsToScratchAndRing(int m, int n, int k)
    {
        var (tile, parts) = WarpgroupTiles.Choose(m, n, k, Multiprocessors);
        Assert.InRange(parts, 1, CombineParts.MostParts(m, n));
        Assert.True(parts == 1 || k / parts >= tile.K * (tile.Stages - 1));
    }

    [Fact]
    public void Tiles_OfEveryKind_FitSharedMemoryAndRegisters()
    {
        foreach (var tile in WarpgroupTiles.All)
        {
            Assert.True(tile.Stages * (tile.M + tile.N) * tile.K * 2 <= 227 << 10, tile.ToString());
            Assert.Equal(0, tile.M % 64);
            Assert.InRange(tile.N, 16, 256);
            Assert.True(tile.Threads * (tile.N / 2 + 64) <= 65536, tile.ToString());
        }
    }
}
