using FlamingoGpu.Core;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>
/// Kernels that start before their predecessor is done: what each of them may not do before it waits is reported at
/// the line marked // Zoo.cs:1; the corrected twin is clean.
/// </summary>
public class EarlyAccessTests
{
    /// <summary>%rd3 the thread's element of "in", %rd4 of "out", %rd5 of "constants".</summary>
    private const string Prologue =
        """
        ld.param.u64 %rd0, [in];
        ld.param.u64 %rd1, [out];
        ld.param.u64 %rd2, [constants];
        mov.u32 %r0, %tid.x;
        mul.wide.u32 %rd6, %r0, 4;
        add.u64 %rd3, %rd0, %rd6;
        add.u64 %rd4, %rd1, %rd6;
        add.u64 %rd5, %rd2, %rd6;
        griddepcontrol.launch_dependents;

        """;

    private static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["reads a result early"] =
            """
            OK griddepcontrol.wait;
            ld.global.f32 %f0, [%rd3]; // Zoo.cs:1
            BUG griddepcontrol.wait;
            ld.global.f32 %f1, [%rd5];
            add.f32 %f0, %f0, %f1;
            st.global.f32 [%rd4], %f0;
            ret;
            """,
        ["reads part of a result early"] =
            """
            BUG ld.global.u8 %r1, [%rd3+1]; // Zoo.cs:1
            OK ld.global.u8 %r1, [%rd5+1];
            griddepcontrol.wait;
            st.global.u32 [%rd4], %r1;
            ret;
            """,
        ["copies a result early"] =
            """
            .shared .align 16 .b8 tile[128];
            mov.u32 %r1, tile;
            mad.lo.u32 %r1, %r0, 4, %r1;
            OK griddepcontrol.wait;
            cp.async.ca.shared.global [%r1], [%rd3], 4; // Zoo.cs:1
            cp.async.wait_all;
            BUG griddepcontrol.wait;
            ld.shared.f32 %f0, [%r1];
            st.global.f32 [%rd4], %f0;
            ret;
            """,
        ["writes early"] =
            """
            ld.global.f32 %f0, [%rd5];
            OK griddepcontrol.wait;
            st.global.f32 [%rd4], %f0; // Zoo.cs:1
            BUG griddepcontrol.wait;
            ret;
            """,
        ["adds early"] =
            """
            OK griddepcontrol.wait;
            red.global.add.f32 [%rd3], 0f3F800000; // Zoo.cs:1
            BUG griddepcontrol.wait;
            ret;
            """,
        ["never waits"] =
            """
            OK griddepcontrol.wait;
            ret; // Zoo.cs:1
            """,
        ["leaves before it waits"] =
            """
            setp.gt.u32 %p0, %r0, 15;
            OK griddepcontrol.wait;
            @%p0 exit; // Zoo.cs:1
            BUG griddepcontrol.wait;
            ret;
            """,
        ["waits in some threads"] =
            """
            setp.gt.u32 %p0, %r0, 15;
            BUG @%p0 griddepcontrol.wait;
            OK griddepcontrol.wait;
            ld.global.f32 %f0, [%rd3]; // Zoo.cs:1
            st.global.f32 [%rd4], %f0;
            ret;
            """,
    };

    public static TheoryData<string> Names => [.. Bodies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_BrokenKernel_IsReportedAtItsLine(string name)
    {
        var report = Run(name, isBroken: true, startsEarly: true);
        Assert.Contains(report.Findings, f => f.Kind == FindingKind.EarlyAccess && f.Source == "Zoo.cs:1");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_CorrectedTwin_IsClean(string name)
    {
        var report = Run(name, isBroken: false, startsEarly: true);
        Assert.True(report.IsClean, string.Join('\n', report.Findings));
    }

    /// <summary>An ordinary launch waits for all by itself, whatever its text does.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_BrokenKernelLaunchedOrdinarily_IsClean(string name)
    {
        var report = Run(name, isBroken: true, startsEarly: false);
        Assert.True(report.IsClean, string.Join('\n', report.Findings));
    }

    /// <summary>A copy waits for all kernels, and no kernel starts before the copy is done.</summary>
    [Fact]
    public void Launch_BehindACopy_MayReadWhatKernelsWroteBefore()
    {
        var report = Run("reads a result early", isBroken: true, startsEarly: true, static (device, memory) =>
            device.Fill(memory, 0, 4));
        Assert.True(report.IsClean, string.Join('\n', report.Findings));
    }

    /// <summary>The kernel in front of the one in front may still run, too.</summary>
    [Fact]
    public void Launch_TwoKernelsBehindTheWriter_StillMayNotReadEarly()
    {
        var report = Run("reads a result early", isBroken: true, startsEarly: true, static (device, memory) =>
            Launch(device, Text("never waits", isBroken: false), memory, memory, memory, startsEarly: true));
        Assert.Contains(report.Findings, f => f.Kind == FindingKind.EarlyAccess && f.Source == "Zoo.cs:1");
    }

    [Fact]
    public void Launch_EarlyOnADeviceWithout_IsRefused()
    {
        using var device = new VirtualDevice(new VirtualDeviceOptions { HasDependentLaunch = false });
        var memory = device.Allocate(128);
        Assert.Throws<InvalidRequestException>(
            () => Launch(device, Text("never waits", isBroken: false), memory, memory, memory, startsEarly: true));
    }

    /// <summary>Launches choose their text by it; one for <c>sm_90</c> does not run below.</summary>
    [Theory]
    [InlineData(8, true, false)]
    [InlineData(9, true, true)]
    [InlineData(9, false, false)]
    public void HasDependentLaunch_ByCapability_OnlyFrom9(int major, bool isAskedFor, bool expected)
    {
        var options = new VirtualDeviceOptions { ComputeMajor = major, HasDependentLaunch = isAskedFor };
        using var driver = new VirtualDriver(options);
        Assert.Equal(expected, driver.Properties.HasDependentLaunch);
    }

    private static LaunchReport Run(
        string name, bool isBroken, bool startsEarly, Action<VirtualDevice, ulong>? betweenThem = null)
    {
        using var device = new VirtualDevice(new VirtualDeviceOptions { SeedCount = 2 });
        var (constants, first, second) = (device.Allocate(128), device.Allocate(128), device.Allocate(128));
        var spare = device.Allocate(128);
        foreach (var memory in (ulong[])[constants, first, second, spare]) device.Fill(memory, 0, 128);
        var writer = Launch(
            device, Text("reads a result early", isBroken: false), constants, first, constants, startsEarly: true);
        Assert.True(writer.IsClean, string.Join('\n', writer.Findings));
        betweenThem?.Invoke(device, spare);
        return Launch(device, Text(name, isBroken), first, second, constants, startsEarly);
    }

    private static string Text(string name, bool isBroken) => PtxText.Kernel(
        "u64 in, u64 out, u64 constants", Prologue + PtxText.Variant(Bodies[name], isBroken), "7.8", "sm_90");

    private static LaunchReport Launch(
        VirtualDevice device, string text, ulong from, ulong to, ulong constants, bool startsEarly)
    {
        var parameters = new byte[24];
        BitConverter.TryWriteBytes(parameters, from);
        BitConverter.TryWriteBytes(parameters.AsSpan(8), to);
        BitConverter.TryWriteBytes(parameters.AsSpan(16), constants);
        return device.LaunchWithBlock(device.Load(text).Kernel("test"), 1, 32, 0, parameters, startsEarly);
    }
}
