using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>The choice of tiles on 132 multiprocessors.</summary>
public sealed class GemmTilesTests
{
    private const int Multiprocessors = 132;

    [Fact]
    public void Choose_LargeSquare_TakesTheLargestTileWhole()
    {
        var (tile, parts) = GemmTiles.Choose(8192, 8192, 8192, Multiprocessors);
        Assert.Equal((128, 128, 1), (tile.M, tile.N, parts));
    }

    [Theory]
    [InlineData(9, 2048, 2048)]
    [InlineData(16, 2048, 8192)]
    [InlineData(64, 2048, 8192)]
    [InlineData(257, 1024, 4096)]
    public void Choose_FewTiles_CutsKUntilTheDeviceIsBusy(int m, int n, int k)
    {
        var (tile, parts) = GemmTiles.Choose(m, n, k, Multiprocessors);
        Assert.True(tile.Blocks(m, n) * parts >= 0.6 * Multiprocessors, $"{tile} in {parts} parts");
        Assert.True(
            GemmTiles.Clocks(tile, parts, m, n, k, Multiprocessors)
            < GemmTiles.Clocks(GemmTiles.All[0], 1, m, n, k, Multiprocessors));
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(1, 8, 8)]
    [InlineData(70000, 64, 4096)]
    [InlineData(9, 200000, 4096)]
    public void Choose_AnyShape_KeepsToScratchAndRing(int m, int n, int k)
    {
        var (tile, parts) = GemmTiles.Choose(m, n, k, Multiprocessors);
        Assert.InRange(parts, 1, CombineParts.MostParts(m, n));
        Assert.True(parts == 1 || k / parts >= tile.K * (tile.Stages - 1));
    }

    [Fact]
    public void Tiles_OfEveryKind_FitTheSmallestSharedMemory()
    {
        foreach (var tile in GemmTiles.All) // capability 8.6 and 8.9 have 99 KiB a block, 8.0 has 163
        {
            Assert.True(tile.Stages * (tile.M + tile.N) * tile.K * 2 <= 99 << 10, tile.ToString());
            Assert.Equal(0, tile.RowsPerWarp % 16);
            Assert.Equal(0, tile.ColumnsPerWarp % 16);
        }
    }
}
