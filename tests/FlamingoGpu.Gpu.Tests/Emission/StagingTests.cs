using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission;

public sealed class StagingTests
{
    [Fact]
    public void CompoundAssignment_ProductOnVariable_IsOneFusedInstructionInPlace()
    {
        var lines = Stage(k =>
        {
            var x = k.Input<F32>("x");
            var sum = Var(0f);
            For(0, 4, i => sum += x[i] * x[i + 1]);
            k.Output<F32>("y")[0] = sum;
        });
        var fma = Assert.Single(lines, line => line.StartsWith("fma.rn.f32", StringComparison.Ordinal));
        var operands = fma["fma.rn.f32 ".Length..].TrimEnd(';').Split(", ");
        Assert.Equal(operands[0], operands[3]);
        Assert.DoesNotContain(lines, line => line.StartsWith("mul.rn", StringComparison.Ordinal));
    }

    [Fact]
    public void ToS64_OfAConstant_IsTheConstant()
    {
        // An immediate cannot be converted: the reader refused a kernel whose constant index was widened.
        var lines = Stage(k => k.Output<F32>("y")[((S32)3).ToS64()] = 1f);
        Assert.DoesNotContain(lines, line => line.StartsWith("cvt.", StringComparison.Ordinal));
        Assert.Contains(
            "+12]", Assert.Single(lines, line => line.StartsWith("st.global.f32", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void AddRn_OfMulRn_StaysTwoInstructions()
    {
        var lines = Stage(k =>
        {
            var x = k.Input<F32>("x");
            k.Output<F32>("y")[0] = Isa.AddRn(Isa.MulRn(x[0], x[1]), x[2]);
        });
        Assert.Contains(lines, line => line.StartsWith("mul.rn.f32", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("add.rn.f32", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("fma", StringComparison.Ordinal));
    }

    [Fact]
    public void Contraction_ProductReadTwice_KeepsTheProduct()
    {
        var lines = Stage(k =>
        {
            var x = k.Input<F32>("x");
            var y = k.Output<F32>("y");
            var product = x[0] * x[1];
            y[0] = product + x[2];
            y[1] = product;
        });
        Assert.Contains(lines, line => line.StartsWith("mul.rn.f32", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("fma", StringComparison.Ordinal));
    }

    [Fact]
    public void Value_OfVariableChangedLater_IsKeptInItsOwnRegister()
    {
        var lines = Stage(k =>
        {
            var x = k.Input<F32>("x");
            var y = k.Output<F32>("y");
            var v = Var(x[0]);
            F32 before = v;
            v += 1f;
            y[0] = before;
            y[1] = v;
        });
        var stores = lines.Where(line => line.StartsWith("st.global", StringComparison.Ordinal)).ToArray();
        Assert.NotEqual(stores[0].Split(", ")[1], stores[1].Split(", ")[1]);
        Assert.Contains(lines, line => line.StartsWith("mov.f32", StringComparison.Ordinal));
    }

    [Fact]
    public void Value_OfVariableChangedInALoopAfterwards_IsKeptInItsOwnRegister()
    {
        var lines = Stage(k =>
        {
            var y = k.Output<F32>("y");
            var v = Var(1f);
            F32 before = v;
            For(0, 3, i =>
            {
                y[i] = before;
                v += 1f;
            });
        });
        var store = lines.Single(line => line.StartsWith("st.global", StringComparison.Ordinal));
        var stored = store.Split(", ")[1].TrimEnd(';');
        Assert.DoesNotContain(lines, line => line.StartsWith($"add.rn.f32 {stored},", StringComparison.Ordinal));
    }

    [Fact]
    public void Repeated_PureOperationOfChangedVariable_IsComputedAgain()
    {
        var lines = Stage(k =>
        {
            var x = k.Input<S32>("x");
            var y = k.Output<S32>("y");
            var v = Var(x[0]);
            y[0] = v * 3;
            y[1] = v * 3;
            v += 1;
            y[2] = v * 3;
        });
        Assert.Equal(2, lines.Count(line => line.StartsWith("mul.lo.s32", StringComparison.Ordinal)));
    }

    [Fact]
    public void HostLoop_Unrolls_AndDeviceLoop_DoesNot()
    {
        var lines = Stage(k =>
        {
            var y = k.Output<S32>("y");
            for (var i = 0; i < 5; i++) y[i] = i;
            For(5, 10, i => y[i] = i);
        });
        Assert.Equal(6, lines.Count(line => line.StartsWith("st.global", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("st.global.b32 [%rd1+16]", StringComparison.Ordinal));
    }

    [Fact]
    public void When_GuardsEveryInstruction_AndUnlessNegates()
    {
        var lines = Stage(k =>
        {
            var y = k.Output<S32>("y");
            When(ThreadIdx.X == 0, () => y[0] = 1);
            Unless(ThreadIdx.X == 0, () => y[1] = 1);
        });
        Assert.Contains("@%p0 st.global.b32 [%rd1], %r1;", lines);
        Assert.Contains("@!%p0 st.global.b32 [%rd1+4], %r2;", lines);
    }

    [Fact]
    public void Constants_WhereAnAssemblerNeedNotTakeThem_StandInRegisters()
    {
        var lines = Stage(k =>
        {
            var y = k.Output<S32>("y");
            Isa.StGlobalV2(y, new Vec2<S32>(5, 6));
            y[2] = Isa.ShflSync(Shuffle.Index, (S32)7, 1);
            y[3] = Min((S32)8, 9);
            Isa.StGlobal(y.As<BF16>() + 8, ((F32)0.5f).To<BF16>());
            y[5] = Isa.ReduxSyncAdd(10);
            Isa.StGlobalV2(y.As<U64>() + 3, new Vec2<U64>(Isa.MovB64Pack(11u, 12u), (U64)13ul));
        });
        string[] moved =
        [
            "mov.b32 %r0, 5;", "mov.b32 %r1, 6;", "st.global.v2.b32 [%rd1], {%r0, %r1};",
            "mov.b32 %r2, 7;", "shfl.sync.idx.b32 %r3, %r2, 1, 31, 4294967295;",
            "mov.b32 %r4, 8;", "min.s32 %r5, %r4, 9;",
            "mov.f32 %f0, 0f3F000000;", "cvt.rn.bf16.f32 %h0, %f0;",
            "mov.b32 %r6, 10;", "redux.sync.add.s32 %r7, %r6, 4294967295;",
            "mov.b32 %r8, 11;", "mov.b32 %r9, 12;", "mov.b64 %rd2, {%r8, %r9};",
            "mov.b64 %rd3, 13;", "st.global.v2.b64 [%rd1+24], {%rd2, %rd3};",
        ];
        Assert.Equal(moved, lines.Where(moved.Contains));
    }

    [Fact]
    public void Text_OfAKernelInAFileOfAnyName_IsAscii()
    {
        var text = Define(k => Isa.StGlobal(k.Output<F32>("y"), 1f, 7, "norm\u00e9.cs")).Text;
        Assert.True(System.Text.Ascii.IsValid(text));
        Assert.Contains("// norm?.cs:7", text, StringComparison.Ordinal);
    }

    [Fact]
    public void DynamicSharedBytes_BehindDeclaredArrays_CoverTheGap()
    {
        // 4 declared bytes, then 64 aligned to 128: the last of them is byte 192.
        var kernel = Define(k =>
        {
            SharedArray<S32>(1)[0] = 1;
            DynamicSharedArray<S32>(16, alignment: 128)[15] = 2;
        });
        Assert.Equal((4, 124 + 64), (kernel.StaticSharedBytes, kernel.DynamicSharedBytes));
    }

    [Fact]
    public void Address_BelowItsRegister_IsASum()
    {
        var lines = Stage(k => k.Output<F32>("y")[-2] = Abs(k.Input<F32>("x")[-1]));
        Assert.Single(lines, line => line.EndsWith("+-4];", StringComparison.Ordinal));
        Assert.Single(lines, line => line.Contains("+-8], ", StringComparison.Ordinal));
    }

    [Fact]
    public void IfElse_BranchesAroundBothSides()
    {
        var lines = Stage(k =>
        {
            var y = k.Output<S32>("y");
            If(ThreadIdx.X < 7, () => y[0] = 1, otherwise: () => y[1] = 2);
        });
        var shape = lines.Where(line => line.Contains("bra", StringComparison.Ordinal) || line[0] == '$').ToArray();
        Assert.Equal(["@!%p0 bra $else0;", "bra.uni $endif0;", "$else0:", "$endif0:"], shape);
    }

    [Fact]
    public void While_TestsBeforeEachRound()
    {
        var lines = Stage(k =>
        {
            var n = Var(k.Scalar<S32>("n"));
            var steps = Var(0);
            While(() => n > 1, () =>
            {
                n.Set(n.Value >> 1);
                steps += 1;
            });
            k.Output<S32>("y")[0] = steps;
        });
        var shape = lines.Where(line => line.Contains("bra", StringComparison.Ordinal) || line[0] == '$').ToArray();
        Assert.Equal(["$while0:", "@!%p0 bra $endwhile0;", "bra.uni $while0;", "$endwhile0:"], shape);
        Assert.Contains(lines, line => line.StartsWith("shr.s32", StringComparison.Ordinal));
    }

    [Fact]
    public void Version_RisesOnlyWithCacheHints()
    {
        static string Version(LoadHint hint) => Define(k =>
            k.Output<F32>("y")[0] = Isa.LdGlobal(k.Input<F32>("x"), hint)).Text.Split('\n')[0];

        Assert.Equal(".version 7.0", Version(LoadHint.None));
        Assert.Equal(".version 7.0", Version(new LoadHint(NonCoherent: true)));
        Assert.Equal(".version 7.4", Version(LoadHint.Stream));
        Assert.Equal(".version 7.4", Version(new LoadHint(L1: L1Eviction.EvictLast)));
    }

    [Fact]
    public void Lines_OfCallsAreExact_AndOfOperatorsLieBetween()
    {
        var kernel = Define(k =>
        {
            var y = k.Output<S32>("y");
            var a = k.Scalar<S32>("a");
            var b = a * a;
            y[0] = b;
        });
        var line = Line();
        var text = kernel.Text.Split('\n');
        var store = text.Single(t => t.Contains("st.global", StringComparison.Ordinal));
        var product = text.Single(t => t.Contains("mul.lo", StringComparison.Ordinal));
        Assert.EndsWith($"// StagingTests.cs:{line - 2}", store, StringComparison.Ordinal);
        Assert.EndsWith($"// StagingTests.cs:{line - 4}-{line - 2}", product, StringComparison.Ordinal);
    }

    [Fact]
    public void Facts_OfAKernel_AreWhatItWasBuiltWith()
    {
        var kernel = PtxKernel.Define("facts", new BlockShape(64), new KernelFacts
        {
            Grid = size => new GridShape(GridShape.Cover(size["n"], 64)),
            Flops = size => 2 * size["n"],
            Bytes = size => 8 * size["n"],
        }, k =>
        {
            var y = k.Output<BF16>("y", alignment: 4);
            var n = k.Scalar<S32>("n");
            var small = SharedArray<F32>(3);
            var large = DynamicSharedArray<F32>(5, alignment: 128);
            small[0] = 1f;
            large[1] = 2f;
            Barrier();
            When(n > 0, () => y[0] = (small[0] + large[1]).To<BF16>());
        });
        var sizes = LaunchSizes.Of(("n", 443));
        Assert.Equal(new GridShape(7), kernel.Facts.Grid(sizes));
        Assert.Equal((12, 116 + 20), (kernel.StaticSharedBytes, kernel.DynamicSharedBytes));
        Assert.Equal(
            [
                new KernelParameter("y", "u64", 8, ParameterAccess.Write, "bf16", 4),
                new KernelParameter("n", "s32", 4, ParameterAccess.Value, "s32", 0),
            ],
            kernel.Parameters);
        Assert.Contains(".extern .shared .align 128 .b8 dynamic_shared[];", kernel.Text, StringComparison.Ordinal);
        Assert.Contains("st.shared.f32 [dynamic_shared+4]", kernel.Text, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => kernel.Facts.Flops(LaunchSizes.Of()));
    }

    [Fact]
    public void RegisterEstimate_OfGuardedTemporaries_DoesNotReachBackToTheStart()
    {
        static int Estimate(int loads) => Define(k =>
        {
            var (x, n) = (k.InOut<F32>("x"), k.Scalar<S32>("n"));
            for (var i = 0; i < loads; i++) When(ThreadIdx.X < n, () => x[ThreadIdx.X * n] = x[ThreadIdx.X + n] * 2f);
        }).RegisterEstimate;

        Assert.Equal(Estimate(2), Estimate(40));
    }

    [Fact]
    public void RegisterEstimate_GrowsWithValuesHeldAtOnce()
    {
        static int Estimate(int held) => Define(k =>
        {
            var x = k.Input<F32>("x");
            var values = Enumerable.Range(0, held).Select(i => x[i]).ToArray();
            Barrier();
            var y = k.Output<F32>("y");
            for (var i = 0; i < held; i++) y[i] = values[i];
        }).RegisterEstimate;

        Assert.Equal(17, Estimate(20) - Estimate(3));
    }

    internal static PtxKernel Define(Action<KernelBuilder> body, int threads = 32) =>
        PtxKernel.Define("test", new BlockShape(threads), new KernelFacts
        {
            Grid = _ => new GridShape(1),
            Flops = _ => 0,
            Bytes = _ => 0,
        }, body);

    /// <summary>The instructions and labels of a kernel, without comments.</summary>
    internal static string[] Stage(Action<KernelBuilder> body, int threads = 32)
    {
        var text = Define(body, threads).Text;
        return [.. text[(text.IndexOf("\n\n    ", StringComparison.Ordinal) + 2)..].Split('\n')
            .Select(line => line.Split("//")[0].Trim()).Where(line => line is not ("" or "}"))];
    }

    private static int Line([System.Runtime.CompilerServices.CallerLineNumber] int line = 0) => line;
}
