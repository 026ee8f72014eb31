using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>Products of any shape, type, gap and epilogue, on every tile of warpgroups, K cut anyhow.</summary>
public sealed class WarpgroupMatMulProperty : MatMulCases<ChosenMatMul>
{
    private static readonly DType[] s_narrow = [DType.BF16, DType.F16];

    private static readonly DType[] s_floats = [DType.F32, DType.BF16, DType.F16];

    private static readonly Gen<Epilogue> s_epilogues =
        from activation in Gen.Elements(Enum.GetValues<Activation>())
        from bits in Gen.Choose(0, 15)
        select new Epilogue((bits & 1) != 0, activation, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);

    private static readonly Gen<MatMulCase> s_problems =
        from rows in Gen.Choose(1, 300)
        from columns in Gen.OneOf(Gen.Choose(1, 300), Gen.Choose(1, 75).Select(n => 4 * n))
        from inner in Gen.Choose(1, 80).Select(n => 8 * n)
        from epilogue in s_epilogues
        from input in Gen.Elements(s_narrow)
        from factor in Gen.Elements(s_floats)
        from output in Gen.Elements(s_floats)
        from gap in Gen.Elements(0, 8, 24)
        select new MatMulCase(rows, columns, inner)
        {
            Epilogue = epilogue,
            X = input,
            W = input,
            Factor = factor,
            Out = output,
            Gap = gap,
        };

    [Fact]
    public void Warpgroup_AnyProblem_IsTheProduct()
    {
        var chosen = (ChosenMatMul)Target;
        var cases = from tile in Gen.Elements(WarpgroupTiles.All.AsEnumerable())
                    from parts in Gen.Choose(1, 5)
                    from problem in s_problems
                    select (tile, parts, problem);
        Prop.ForAll(cases.ToArbitrary(), drawn =>
        {
            var (tile, parts, problem) = drawn;
            chosen.Choice = p => p.Launch(
                epilogue => new GemmWarpgroup(p.X.DType, tile, p.K % tile.K == 0, parts > 1, epilogue), parts, tile.K);
            Check(problem);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(8).WithQuietOnSuccess(true));
    }
}
