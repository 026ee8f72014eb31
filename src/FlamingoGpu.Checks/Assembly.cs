using System.Text.RegularExpressions;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Checks;

/// <summary>What a driver's assembler made of one kernel.</summary>
/// <param name="Kernel">Name of the entry.</param>
/// <param name="Registers">Of each thread; an estimate on the virtual GPU.</param>
/// <param name="LocalBytes">Local memory of each thread, 0 when everything stays in registers.</param>
/// <param name="SharedBytes">Fixed and dynamic shared memory of a block.</param>
/// <param name="BlocksPerMultiprocessor">Blocks resident together.</param>
/// <param name="Log">What the assembler said.</param>
/// <param name="Problem">Why it is no good, or null: refused, spilled, local memory, or an advisory of the C75xx
/// family.</param>
public sealed partial record Assembly(
    string Kernel, int Registers, int LocalBytes, int SharedBytes, int BlocksPerMultiprocessor, string Log,
        string? Problem)
{
    /// <summary>
    /// True when the virtual GPU's estimate is above what a thread of such a block can have: an assembler that keeps as
    /// many values alive must spill. A real assembler orders the text anew and says itself whether it does.
    /// </summary>
    public bool IsTight => Registers >= 255 || BlocksPerMultiprocessor == 0;

    /// <summary>Loads a kernel's text.</summary>
    public static Assembly Of(GpuLaunch launch, IGpuDriver driver)
    {
        var (kernel, threads) = (launch.Kernel, launch.Shape.BlockX * launch.Shape.BlockY * launch.Shape.BlockZ);
        try
        {
            using var module = driver.Load(driver.Properties.HasDependentLaunch ? kernel.DependentText : kernel.Text);
            var function = module.Function(kernel.Name);
            if (kernel.DynamicSharedBytes > 0) function.AllowDynamicShared(kernel.DynamicSharedBytes);
            var blocks = function.BlocksPerMultiprocessor(threads, kernel.DynamicSharedBytes);
            return new Assembly(
                kernel.Name, function.RegistersPerThread, function.LocalBytesPerThread,
                function.StaticSharedBytes + kernel.DynamicSharedBytes, blocks, module.Log,
                Judge(function.LocalBytesPerThread, module.Log));
        }
        catch (FlamingoException error)
        {
            return new Assembly(kernel.Name, 0, 0, 0, 0, "", error.Message);
        }
    }

    /// <summary>Why they are no good, or null.</summary>
    internal static string? Judge(int localBytes, string log)
    {
        if (Spill().Match(log) is { Success: true } spill) return $"registers are spilled: {spill.Value}";
        if (localBytes > 0) return $"{localBytes} bytes of local memory for each thread";
        return Advisory().Match(log) is { Success: true } advisory ? advisory.Value.Trim() : null;
    }

    [GeneratedRegex(@"\b[1-9][0-9]* bytes spill \w+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Spill();

    [GeneratedRegex(@"^.*\bC75[0-9]{2}\b.*$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Advisory();
}
