using FlamingoGpu.Ptx;
using FlamingoGpu.Ptx.Reading;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission;

/// <summary>The text for kernels that start before their predecessor is done, and where the wait may stand.</summary>
public sealed class DependentLaunchTests
{
    private static readonly KernelFacts s_facts = new() { Grid = _ => new(1), Flops = _ => 0, Bytes = _ => 0 };

    [Fact]
    public void DependentText_OfAKernelThatSaysNothing_WaitsBeforeItsFirstAccess()
    {
        var kernel = Stage(k =>
        {
            var (x, y) = (k.Input<F32>("x"), k.Output<F32>("y"));
            y[ThreadIdx.X] = x[ThreadIdx.X];
        });
        var names = Opcodes(kernel.DependentText);
        Assert.Equal("griddepcontrol.launch_dependents", names[0]);
        var wait = names.IndexOf("griddepcontrol.wait");
        Assert.Equal(names.FindIndex(name => name.StartsWith("ld.global", StringComparison.Ordinal)) - 1, wait);
        Assert.Equal(wait, names.LastIndexOf("griddepcontrol.wait"));
        Assert.StartsWith(".version 7.8\n.target sm_90\n", kernel.DependentText, StringComparison.Ordinal);
        Assert.Empty(PtxReader.Check(kernel.DependentText));
    }

    [Fact]
    public void DependentText_OfAKernelThatOnlyLoops_WaitsBeforeTheLoop()
    {
        var kernel = Stage(k =>
        {
            var y = k.Output<S32>("y");
            For(0, k.Scalar<S32>("n"), i => y[i] = i);
        });
        var lines = kernel.DependentText.Split('\n');
        Assert.True(
            Array.FindIndex(lines, line => line.Contains("griddepcontrol.wait", StringComparison.Ordinal))
            < Array.FindIndex(lines, line => line.Contains("bra", StringComparison.Ordinal)));
    }

    [Fact]
    public void DependentText_OfAKernelThatWaitsItself_WaitsThereOnly()
    {
        var kernel = Stage(k =>
        {
            var (x, w, y) = (k.Input<F32>("x"), k.Input<F32>("w"), k.Output<F32>("y"));
            var weight = w[ThreadIdx.X];
            Isa.GriddepcontrolWait();
            y[ThreadIdx.X] = weight * x[ThreadIdx.X];
        });
        var names = Opcodes(kernel.DependentText).Where(name => name.Contains("global.f32", StringComparison.Ordinal)
            || name == "griddepcontrol.wait");
        Assert.Equal(["ld.global.f32", "griddepcontrol.wait", "ld.global.f32", "st.global.f32"], names);
    }

    /// <summary>Both texts are the same kernel: without the two instructions nothing differs but the header.</summary>
    [Fact]
    public void Text_OfAKernelThatWaitsItself_IsTheDependentOneWithoutIt()
    {
        var kernel = Stage(k =>
        {
            var (x, y) = (k.Input<F32>("x"), k.Output<F32>("y"));
            var early = x[ThreadIdx.X];
            Isa.GriddepcontrolWait();
            y[ThreadIdx.X] = early;
        });
        var rest = kernel.DependentText.Split('\n')
            .Where(line => !line.Contains("griddepcontrol", StringComparison.Ordinal)).Skip(2);
        Assert.Equal(kernel.Text.Split('\n').Skip(2), rest);
        Assert.StartsWith(".version 7.0\n.target sm_80\n", kernel.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Wait_Twice_Throws() => AssertFails("once", _ =>
    {
        Isa.GriddepcontrolWait();
        Isa.GriddepcontrolWait();
    });

    [Fact]
    public void Wait_InALoop_Throws() => AssertFails("every thread", _ => For(0, 3, _ => Isa.GriddepcontrolWait()));

    [Fact]
    public void Wait_InABranch_Throws() => AssertFails(
        "every thread", _ => If(ThreadIdx.X == 0, () => Isa.GriddepcontrolWait()));

    [Fact]
    public void Wait_UnderAGuard_Throws() => AssertFails(
        "every thread", _ => When(ThreadIdx.X == 0, () => Isa.GriddepcontrolWait()));

    [Fact]
    public void Wait_BehindAnExit_Throws() => AssertFails("'exit' stands before", _ =>
    {
        ReturnIf(ThreadIdx.X == 0);
        Isa.GriddepcontrolWait();
    });

    [Fact]
    public void Wait_BehindAStore_Throws() => AssertFails("'st.global.f32' stands before", k =>
    {
        k.Output<F32>("y")[0] = 1f;
        Isa.GriddepcontrolWait();
    });

    [Fact]
    public void Wait_BehindAnAtomic_Throws() => AssertFails("'red.global.add.f32' stands before", k =>
    {
        Isa.RedGlobalAdd(k.InOut<F32>("y"), (F32)1f);
        Isa.GriddepcontrolWait();
    });

    /// <summary>An assembler moved such loads behind the wait, where they are no longer early.</summary>
    [Fact]
    public void Wait_BehindANonCoherentLoad_Throws() => AssertFails("non-coherent", k =>
    {
        var early = Isa.LdGlobal(k.Input<F32>("x"), LoadHint.Stream);
        Isa.GriddepcontrolWait();
        k.Output<F32>("y")[0] = early;
    });

    private static PtxKernel Stage(Action<KernelBuilder> body) =>
        PtxKernel.Define("kernel", new BlockShape(32), s_facts, body);

    private static List<string> Opcodes(string text) =>
    [
        .. text.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal)
            && !line.StartsWith("    .", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ', ';')[0]),
    ];

    private static void AssertFails(string problem, Action<KernelBuilder> body) => Assert.Contains(
        problem, Assert.Throws<KernelDefinitionException>(() => Stage(body)).Message, StringComparison.Ordinal);
}
