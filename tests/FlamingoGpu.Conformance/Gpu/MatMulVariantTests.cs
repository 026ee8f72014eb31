using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>Every variant of the matrix product by itself, also where no shape of other tests leads to it.</summary>
public sealed class MatMulVariantTests : MatMulCases<ChosenMatMul>
{
    private static readonly Epilogue s_ends = new(Bias: true, Activation.GeluTanh, Residual: true);

    private ChosenMatMul Chosen => (ChosenMatMul)Target;

    public static TheoryData<int> Tiles => [.. Enumerable.Range(0, GemmTiles.All.Count)];

    public static TheoryData<int> WarpgroupTileNumbers => [.. Enumerable.Range(0, WarpgroupTiles.All.Count)];

    public static TheoryData<int> FmaTiles => [.. Enumerable.Range(0, FmaTile.All.Count)];

    [Theory]
    [MemberData(nameof(Tiles))]
    public void TensorCore_RingTurnedTwiceAndRaggedEdges_IsTheProduct(int index)
    {
        var tile = GemmTiles.All[index];
        var k = tile.K * (2 * tile.Stages + 1) + 8;
        var problem = new MatMulCase(tile.M + 9, tile.N + 11, k) { X = DType.BF16, W = DType.BF16, Epilogue = s_ends };
        foreach (var parts in new[] { 1, 3 })
        {
            Choose(tile, parts);
            Check(problem);
            Check(problem with { K = k - 4, Out = DType.BF16, Gap = 4 });
            Check(problem with { X = DType.F16, W = DType.F16, N = tile.N - 4, Out = DType.F16, Gap = 8 });
            Check(problem with { Rows = 1, K = 2 * tile.K, Out = DType.BF16 });
        }
    }

    [Theory]
    [MemberData(nameof(Tiles))]
    public void TensorCore_AlignedShapes_HaveNoConflictsAndWholeSectors(int index)
    {
        var tile = GemmTiles.All[index];
        Choose(tile, 1);
        var problem = new MatMulCase(2 * tile.M, 2 * tile.N, 3 * tile.K) { X = DType.BF16, W = DType.BF16 };
        foreach (var type in new[] { DType.F32, DType.BF16 }) Check(problem with { Out = type, Epilogue = s_ends });
        Choose(tile, 1, piece: 4);
        Check(problem with { Epilogue = s_ends });
        AssertIdeal(1);
    }

    [Theory]
    [MemberData(nameof(WarpgroupTileNumbers))]
    public void Warpgroup_RingTurnedTwiceAndRaggedEdges_IsTheProduct(int index)
    {
        var tile = WarpgroupTiles.All[index];
        var k = tile.K * (2 * tile.Stages + 1) + 8;
        var problem = new MatMulCase(tile.M + 9, tile.N + 11, k) { X = DType.BF16, W = DType.BF16, Epilogue = s_ends };
        foreach (var parts in new[] { 1, 3 })
        {
            Choose(tile, parts);
            Check(problem);
            Check(problem with { X = DType.F16, W = DType.F16, N = tile.N - 4, Out = DType.F16, Gap = 8 });
            Check(problem with { Rows = 1, K = tile.K, Out = DType.BF16 });
            Check(problem with { Rows = 70, K = 2 * tile.K, N = 24, Out = DType.BF16 });
        }
    }

    [Theory]
    [MemberData(nameof(WarpgroupTileNumbers))]
    public void Warpgroup_AlignedShapes_HaveNoConflictsAndWholeSectors(int index)
    {
        var tile = WarpgroupTiles.All[index];
        Choose(tile, 1);
        var problem = new MatMulCase(2 * tile.M, 2 * tile.N, 3 * tile.K) { X = DType.BF16, W = DType.BF16 };
        foreach (var type in new[] { DType.F32, DType.BF16 }) Check(problem with { Out = type, Epilogue = s_ends });
        AssertIdeal(1);
    }

    [Theory]
    [MemberData(nameof(FmaTiles))]
    public void Fma_RaggedEdges_IsTheProduct(int index)
    {
        var tile = FmaTile.All[index];
        var problem = new MatMulCase(tile.M + 3, tile.N + 5, 3 * FmaTile.K + 2) { Epilogue = s_ends };
        foreach (var parts in new[] { 1, 2 })
        {
            Chosen.Choice = p => p.Launch(
                epilogue => new GemmFma(
                    p.X.DType, p.W.DType, tile, RowAlignment.Allows(4, p.X, p.W), parts > 1, epilogue),
                parts, FmaTile.K);
            Check(problem);
            Check(problem with { N = tile.N - 8, K = 5 * FmaTile.K + 4, W = DType.BF16, Out = DType.BF16 });
        }
    }

    [Theory]
    [MemberData(nameof(FmaTiles))]
    public void Fma_AlignedShapes_HaveNoConflictsAndWholeSectors(int index)
    {
        var tile = FmaTile.All[index];
        Chosen.Choice = p => p.Launch(
            epilogue => new GemmFma(p.X.DType, p.W.DType, tile, true, false, epilogue), 1, FmaTile.K);
        Check(new MatMulCase(tile.M, 2 * tile.N, 4 * FmaTile.K) { Epilogue = s_ends });
        AssertIdeal(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Gemv_EveryRowCount_IsTheProduct(int slices)
    {
        for (var rows = 1; rows <= Gemv.MaxRows; rows++)
        {
            ChooseGemv(8, slices);
            var problem = new MatMulCase(rows, 13, 2056) { X = DType.BF16, W = DType.BF16, Epilogue = s_ends };
            Check(problem);
            ChooseGemv(4, slices);
            Check(problem with { X = DType.F32, K = 1028 });
            ChooseGemv(1, slices);
            Check(problem with { W = DType.F32, K = 77 });
        }
    }

    [Theory]
    [InlineData(DType.BF16, 1, 1)]
    [InlineData(DType.BF16, 8, 1)]
    [InlineData(DType.F32, 2, 4)]
    public void Gemv_AlignedShapes_ReadsEachWeightOnceInWholeSectors(DType x, int rows, int slices)
    {
        ChooseGemv(x == DType.F32 ? 4 : 8, slices);
        Check(new MatMulCase(rows, 64, 2048) { X = x, W = DType.BF16, Epilogue = s_ends });
        var report = Assert.Single(Chosen.Reports);
        var weights = report.Counters.Instructions.Where(i => i.Form.Contains("no_allocate", StringComparison.Ordinal));
        Assert.Equal(64 * 2048 * 2, weights.Sum(i => i.Bytes));
        AssertIdeal(0.99); // the outputs of a block may be half a sector
    }

    [Theory]
    [InlineData(2056, DType.BF16)] // two steps for some warps, one for others, and 8 elements
    [InlineData(2080, DType.F16)]
    [InlineData(776, DType.BF16)]
    [InlineData(256, DType.BF16)]
    [InlineData(40, DType.F16)]
    [InlineData(8, DType.BF16)]
    public void GemvTensorCore_EveryRowCount_IsTheProduct(int k, DType type)
    {
        ChooseGemvTensorCore();
        for (var rows = 2; rows <= GemvTensorCore.MaxRows; rows++)
            Check(new MatMulCase(rows, 21, k) { X = type, W = type, Epilogue = s_ends });
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(16)]
    public void GemvTensorCore_AlignedShapes_ReadsEachWeightOnceInWholeSectors(int rows)
    {
        ChooseGemvTensorCore();
        Check(new MatMulCase(rows, 64, 2048) { X = DType.BF16, W = DType.BF16, Epilogue = s_ends });
        var report = Assert.Single(Chosen.Reports);
        var weights = report.Counters.Instructions.Where(i => i.Form.Contains("no_allocate", StringComparison.Ordinal));
        Assert.Equal(64 * 2048 * 2, weights.Sum(i => i.Bytes));
        AssertIdeal(0.99); // the outputs of a block may be half a sector
    }

    private void Choose(GemmTile tile, int parts, int? piece = null) => Chosen.Choice = p => p.Launch(
        epilogue => new GemmTensorCore(
            p.X.DType, tile, piece ?? GemmTensorCore.PieceFor(p.X, p.W), p.K % tile.K == 0, parts > 1, epilogue),
        parts, tile.K);

    private void Choose(WarpgroupTile tile, int parts) => Chosen.Choice = p => p.Launch(
        epilogue => new GemmWarpgroup(p.X.DType, tile, p.K % tile.K == 0, parts > 1, epilogue), parts, tile.K);

    private void ChooseGemv(int piece, int slices) => Chosen.Choice = p => p.Launch(
        epilogue => new Gemv(
            p.X.DType, p.W.DType, p.M, piece, Gemv.AheadFor(p.M, p.W.DType, piece, slices, p.K), slices,
            epilogue with { Width = 1 }),
        1, 1);

    private void ChooseGemvTensorCore() => Chosen.Choice = p => p.Launch(
        epilogue => new GemvTensorCore(
            p.X.DType, p.M, GemvTensorCore.AheadFor(p.K), epilogue with { Width = 1 }),
        1, 1);

    private void AssertIdeal(double sectorEfficiency)
    {
        Assert.All(Chosen.Reports, report =>
        {
            Assert.Equal(0, report.Counters.BankConflicts);
            Assert.True(
                report.Counters.SectorEfficiency >= sectorEfficiency,
                $"{report.Kernel}: {report.Counters.SectorEfficiency:P1} of the sectors are used.");
        });
    }
}
