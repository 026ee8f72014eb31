using System.Reflection;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission;

public sealed class MisuseTests
{
    private static readonly Type[] s_deviceTypes =
        [.. typeof(F32).Assembly.GetTypes().Where(type => type.IsPublic && IsDevice(type))];

    public static TheoryData<Type> DeviceTypes => [.. s_deviceTypes];

    [Theory]
    [MemberData(nameof(DeviceTypes))]
    public void DeviceTypes_HaveNoWayToAHostValue(Type type)
    {
        var operators = type.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(method => method.IsSpecialName);
        foreach (var method in operators)
        {
            Assert.NotEqual("op_True", method.Name);
            Assert.NotEqual("op_False", method.Name);
            if (method.Name is "op_Implicit" or "op_Explicit")
                Assert.False(IsHost(method.ReturnType), $"{type.Name} converts to {method.ReturnType.Name}");
            if (method.Name is "op_LessThan" or "op_Equality" or "op_GreaterThan")
                Assert.Equal(typeof(Pred), method.ReturnType);
        }

        Assert.False(typeof(IConvertible).IsAssignableFrom(type));
    }

    [Fact]
    public void DeviceTypes_AreAllThere()
    {
        string[] names = [.. s_deviceTypes.Select(type => type.Name).Order(StringComparer.Ordinal)];
        string[] expected =
        [
            "B32", "BF16", "BF16x2", "F16", "F16x2", "F32", "Pred", "Ptr`1", "S32", "S64", "S8", "Shared`1", "U32",
            "U64",
            "U8", "Var`1",
        ];
        Assert.Equal(expected, names);
    }

    [Fact]
    public void Value_UsedOutsideItsLoop_Throws() => AssertFails("outside the loop", k =>
    {
        var x = k.Input<F32>("x");
        F32 last = 0f;
        For(0, 3, i => last = x[i]);
        k.Output<F32>("y")[0] = last;
    });

    [Fact]
    public void Value_UsedOutsideItsGuard_Throws() => AssertFails("guard", k =>
    {
        var x = k.Input<F32>("x");
        F32 value = 0f;
        When(ThreadIdx.X == 0, () => value = x[0]);
        k.Output<F32>("y")[0] = value;
    });

    [Fact]
    public void Value_OfAnotherKernel_Throws()
    {
        F32 stolen = default;
        StagingTests.Define(k => stolen = k.Scalar<F32>("a"));
        AssertFails("outside", k => k.Output<F32>("y")[0] = stolen);
    }

    [Fact]
    public void Value_NeverGiven_Throws() => AssertFails("never got a value", k => k.Output<F32>("y")[0] = default);

    [Fact]
    public void Barrier_UnderGuard_Throws() =>
        AssertFails("needs all its threads", _ => When(ThreadIdx.X == 0, () => Barrier()));

    [Fact]
    public void Shuffle_UnderGuard_Throws() =>
        AssertFails("needs all its threads", _ => When(ThreadIdx.X == 0, () => WarpSum(1f)));

    [Fact]
    public void Loop_UnderGuard_Throws() =>
        AssertFails("cannot stand under a guard", _ => When(ThreadIdx.X == 0, () => For(0, 3, _ => { })));

    [Fact]
    public void AsyncCopy_NeverCommitted_Throws() => AssertFails("never committed", k =>
        Isa.CpAsyncCg16(SharedArray<F32>(4), k.Input<F32>("x")));

    [Fact]
    public void AsyncCopy_NeverAwaited_Throws() => AssertFails("no cp.async.wait_group", k =>
    {
        Isa.CpAsyncCg16(SharedArray<F32>(4), k.Input<F32>("x"));
        Isa.CpAsyncCommitGroup();
    });

    [Fact]
    public void Vector_WiderThan16Bytes_Throws() => AssertFails("at most 16", k => Isa.LdGlobalV4(k.Input<U64>("x")));

    [Fact]
    public void BlockSum_InBlockOfBrokenWarps_Throws() =>
        AssertFails("whole warps", _ => BlockSum(1f), threads: 48);

    [Fact]
    public void Ring_WithSharedMemoryTakenInBetween_Throws() => AssertFails("shared memory was taken", _ =>
    {
        var ring = new Ring(3);
        ring.Tile<BF16>(16, 32);
        DynamicSharedArray<F32>(4);
        ring.Run(4, (_, _) => { }, (_, _) => { });
    });

    [Fact]
    public void Parameter_DeclaredTwice_Throws() => AssertFails("declared twice", k =>
    {
        k.Scalar<S32>("n");
        k.Scalar<S32>("n");
    });

    [Theory]
    [InlineData("")]
    [InlineData("7th")]
    [InlineData("a b")]
    [InlineData("x;}")]
    public void Parameter_WithABadName_Throws(string name) =>
        AssertFails("no name for a parameter", k => k.Scalar<S32>(name));

    [Fact]
    public void Fail_NamesTheKernelAndTheLine()
    {
        var error = Assert.Throws<KernelDefinitionException>(() => StagingTests.Define(_ => Isa.BarSync(16)));
        Assert.Equal("test", error.Kernel);
        Assert.StartsWith("MisuseTests.cs:", error.SourceLine, StringComparison.Ordinal);
    }

    [Fact]
    public void DeviceCode_OutsideAKernel_Throws() => Assert.Throws<InvalidOperationException>(() => ThreadIdx.X);

    [Fact]
    public void Define_AfterAFailure_Works()
    {
        Assert.ThrowsAny<Exception>(() => StagingTests.Define(_ => throw new NotSupportedException()));
        Assert.NotEmpty(StagingTests.Define(_ => { }).Text);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1025, 1, 1)]
    [InlineData(32, 65, 1)]
    [InlineData(1, 1, 128)]
    public void Define_BlockNobodyCanLaunch_Throws(int x, int y, int z) =>
        Assert.Throws<KernelDefinitionException>(() => PtxKernel.Define("k", new BlockShape(x, y, z), new KernelFacts
        {
            Grid = _ => new GridShape(1),
            Flops = _ => 0,
            Bytes = _ => 0,
        }, _ => { }));

    [Fact]
    public void WarpSums_OfThreeValues_Throws() =>
        AssertFails("3 values cannot be summed together", _ => WarpSums([1f, 2f, 3f]));

    [Fact]
    public void Quads_OfTwentyFourRowsAtATime_Throws() => AssertFails("quads need 8 or 16 rows at a time", k =>
    {
        var tile = SharedTile<BF16>(16, 64);
        tile.CopyFrom(k.Input<BF16>("x"), 64, 16, RowOrder.Quads);
    }, threads: 192);

    [Fact]
    public void Tile_CopiedInFourBytes_Throws() => AssertFails("rows are copied in 16 or 8 bytes, not 4", k =>
        SharedTile<BF16>(16, 64).CopyFrom(k.Input<BF16>("x"), 64, 16, pieceBytes: 4), threads: 256);

    [Fact]
    public void Quads_OfATileOfEightRows_Throws() => AssertFails("quads need 8 or 16 rows at a time", k =>
    {
        var tile = SharedTile<BF16>(8, 64);
        tile.CopyFrom(k.Input<BF16>("x"), 64, 8, RowOrder.Quads);
    }, threads: 64);

    [Fact]
    public void Quads_OfHalfAFragment_Throws() =>
        AssertFails("no whole number of quads", _ => new Accumulator(16, 24).ForEachQuad((_, _, _) => { }));

    private static void AssertFails(string problem, Action<KernelBuilder> body, int threads = 32) =>
        Assert.Contains(
            problem, Assert.Throws<KernelDefinitionException>(() => StagingTests.Define(body, threads)).Message,
            StringComparison.Ordinal);

    private static bool IsDevice(Type type) =>
        type.Name is "Ptr`1" or "Shared`1" or "Var`1"
        || (type.IsValueType && type.GetInterfaces().Any(i => i.Name == "IDeviceValue`1"));

    private static bool IsHost(Type type) => type.IsPrimitive || type == typeof(string) || type.IsEnum;
}
