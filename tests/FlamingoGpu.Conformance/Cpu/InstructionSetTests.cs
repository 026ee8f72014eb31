using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FlamingoGpu.Conformance.Cpu;

public sealed class InstructionSetTests
{
    /// <summary>The runtime's switches, and the widest vectors they leave.</summary>
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public async Task ReducedSet_InstructionSetSwitchedOff_StillPasses(string variable, int mostBits)
    {
        var runtime = RuntimeEnvironment.GetRuntimeDirectory();
        var start = new ProcessStartInfo(Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "dotnet")))
        {
            ArgumentList = { "exec", typeof(Program).Assembly.Location },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[variable] = "0";
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, $"{variable}=0: exit code {child.ExitCode}\n{output}\n{await errors}");
        Assert.InRange(int.Parse(output), 0, mostBits);
    }
}
