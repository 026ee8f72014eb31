using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>
/// Executes one instruction for many threads. The text names its operands d, a, b, c (e for a third source); each is
/// loaded from and stored to a 64-bit cell of its own.
/// </summary>
internal static class FormRunner
{
    /// <summary>Odd on purpose: the last warp is partial.</summary>
    public const int Threads = 75;

    /// <summary>Runs "add.s32 d, a, b" with registers of the given types; types are as in .reg, d first.</summary>
    public static ulong[] Run(string instruction, string[] types, params ulong[][] sources)
    {
        using var device = new VirtualDevice(new VirtualDeviceOptions { SeedCount = 2 });
        var module = device.Load(Text(instruction, types));
        var names = new ulong[sources.Length + 1];
        names[0] = device.Allocate(8 * Threads, "d");
        device.Fill(names[0], 0, 8 * Threads);
        for (var i = 0; i < sources.Length; i++)
        {
            names[i + 1] = device.Allocate(8 * Threads, "source");
            device.Upload<ulong>(sources[i], names[i + 1]);
        }

        var arguments = names.Select(n => (LaunchArgument)n).ToArray();
        var report = device.Launch(module.Kernel("test"), 1, Threads, 0, arguments);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        return device.Download<ulong>(names[0], Threads);
    }

    private static string Text(string instruction, string[] types)
    {
        var names = new[] { "d", "a", "b", "c" };
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < types.Length; i++) text.AppendLine($".reg .{types[i]} {names[i]};");
        text.AppendLine("mov.u32 %r0, %tid.x;");
        for (var i = 0; i < types.Length; i++)
        {
            text.AppendLine($"ld.param.u64 %rd{i}, [p{i}];");
            text.AppendLine($"mad.wide.u32 %rd{i}, %r0, 8, %rd{i};");
        }

        for (var i = 1; i < types.Length; i++) text.AppendLine(Load(names[i], types[i], i));
        text.AppendLine(instruction + ";");
        text.AppendLine(Store(types[0]));
        text.AppendLine("ret;");
        var parameters = string.Join(", ", types.Select((_, i) => $"u64 p{i}"));
        return PtxText.Kernel(parameters, text.ToString(), "7.8", "sm_90");
    }

    private static string Load(string name, string type, int index) => type == "pred"
        ? $"ld.global.u32 %r{index}, [%rd{index}];\nand.b32 %r{index}, %r{index}, 1;\nsetp.ne.u32 {name}, %r{index}, 0;"
        : $"ld.global.b{type[1..]} {name}, [%rd{index}];";

    private static string Store(string type) => type == "pred"
        ? "selp.b32 %r9, 1, 0, d;\nst.global.b32 [%rd0], %r9;"
        : $"st.global.b{type[1..]} [%rd0], d;";
}
