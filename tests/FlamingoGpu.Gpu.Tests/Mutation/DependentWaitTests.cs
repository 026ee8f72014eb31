using FlamingoGpu.Core;
using FlamingoGpu.Gpu.Tests.Launches;
using FlamingoGpu.Kernels;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>
/// A kernel that starts before the kernels in front are done waits for them: without the wait, or with one behind the
/// first access of what they write, the check for early accesses speaks.
/// </summary>
public sealed class DependentWaitTests
{
    private static readonly Dictionary<string, OpUnderMutation> Ops = new()
    {
        ["few rows"] = new(new MatMul(new Epilogue(Bias: true)), F32(1, 1, 512), F32(2, 37, 512), F32(3, 37))
        {
            Computed = [0, 2], // weights are read early, and nothing computes them
        },
        ["few rows on tensor cores"] = new(new MatMul(new Epilogue()), BF16(1, 3, 512), BF16(2, 37, 512))
        {
            Computed = [0],
        },
        ["product of a warpgroup"] = new(new MatMul(new Epilogue()), BF16(1, 40, 128), BF16(2, 40, 128))
        {
            Computed = [0, 1],
        },
        ["product of warps"] = new(new MatMul(new Epilogue()), BF16(1, 40, 132), BF16(2, 40, 132))
        {
            Computed = [0, 1],
        },
        ["prompt"] = new(
            new CausalAttention(1, 32, 0.18f, Alibi: false), BF16(1, 1, 66, 32), BF16(2, 1, 66, 32), BF16(3, 1, 66, 32),
            BF16(4, 1, 80, 32), BF16(5, 1, 80, 32), Past(7))
        {
            Computed = [0, 1, 2, 3, 4, 5],
        },
        ["step"] = new(
            new CausalAttention(1, 32, 0.18f, Alibi: false), BF16(1, 1, 1, 32), BF16(2, 1, 1, 32), BF16(3, 1, 1, 32),
            BF16(4, 1, 400, 32), BF16(5, 1, 400, 32), Past(330))
        {
            Computed = [0, 1, 2, 3, 4, 5],
        },
        ["norm"] = new(new LayerNorm(1e-5f, Bias: true), F32(1, 5, 100), F32(2, 100), F32(3, 100))
        {
            Computed = [0, 1, 2],
        },
        ["sum"] = new(new AddRows(2), F32(1, 10, 30), F32(2, 3, 30)) { Computed = [0, 1] },
        ["choice"] = new(new ArgMax(), F32(1, 3, 1030)) { Computed = [0] },
    };

    public static TheoryData<string> Names => [.. Ops.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Wait_AsItIs_IsCleanAndMakesTheSameResult(string name)
    {
        var op = Ops[name];
        foreach (var kernel in op.Kernels())
        {
            var behindNone = op with { Computed = [] };
            behindNone.Run(kernel.Name, kernel.Text, null, new VirtualDeviceOptions(), out var expected);
            var outcome = op.Run(kernel.Name, kernel.DependentText, expected, new VirtualDeviceOptions());
            Assert.True(outcome.IsRight, outcome.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Wait_DeletedOrLate_IsAnEarlyAccess(string name)
    {
        var op = Ops[name];
        foreach (var kernel in op.Kernels())
        {
            foreach (var mutant in Mutator.DependentWaits(kernel.DependentText))
            {
                var findings = op.Run(kernel.Name, mutant.Text, null, new VirtualDeviceOptions()).Findings.ToArray();
                Assert.True(findings.Length > 0, $"{kernel.Name}, {mutant.Kind}: nothing was found.");
                Assert.All(findings, finding => Assert.Equal(FindingKind.EarlyAccess, finding.Kind));
            }
        }
    }

    private static (Numbers Numbers, Shape Shape) F32(int seed, params long[] extents) =>
        Random(DType.F32, seed, extents);

    private static (Numbers Numbers, Shape Shape) BF16(int seed, params long[] extents) =>
        Random(DType.BF16, seed, extents);

    private static (Numbers Numbers, Shape Shape) Random(DType type, int seed, long[] extents)
    {
        var shape = Shape.Create(extents);
        return (Numbers.Random(type, (int)shape.ElementCount, seed), shape);
    }

    private static (Numbers Numbers, Shape Shape) Past(int past) =>
        (new Numbers(DType.I32, [past]), Shape.Create([1]));
}
