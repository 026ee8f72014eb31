using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Cpu;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Checks;

/// <summary>
/// Runs cases on a device and compares each with the cpu device, whose operands are the same numbers widened to f32.
/// Not safe for concurrent use.
/// </summary>
public sealed class CaseRunner : IDisposable
{
    private readonly CpuDevice _cpu = new();
    private readonly CpuKernels _cpuKernels;
    private readonly IDevice _device;
    private readonly IKernelLibrary _kernels;
    private readonly IKernelLibrary _withoutWarpgroups;
    private readonly CaseBounds _bounds;
    private readonly List<LaunchReport> _reports = [];

    /// <summary>Takes over a device.</summary>
    /// <param name="device">Where the cases run; disposed with the runner.</param>
    /// <param name="kernels">Its kernels.</param>
    public CaseRunner(IDevice device, IKernelLibrary kernels)
    {
        (_device, _kernels) = (device, kernels);
        _withoutWarpgroups = device is GpuDevice gpu ? new GpuKernels(gpu) { UsesWarpgroups = false } : kernels;
        _cpuKernels = new CpuKernels(_cpu);
        _bounds = new CaseBounds(_cpu, _cpuKernels);
        if (device is GpuDevice { Driver: VirtualDriver driver }) driver.Launched += _reports.Add;
    }

    /// <summary>The device.</summary>
    public IDevice Device => _device;

    /// <summary>Names of the kernels the device's library has built; none on the cpu.</summary>
    public IEnumerable<string> Built =>
        new[] { _kernels, _withoutWarpgroups }.OfType<GpuKernels>().SelectMany(kernels => kernels.Built.Keys).Distinct();

    /// <summary>A runner on a GPU.</summary>
    public static CaseRunner OnGpu(IGpuDriver driver)
    {
        var device = new GpuDevice(driver);
        return new CaseRunner(device, new GpuKernels(device));
    }

    /// <summary>Schedules each launch runs with; 1 on a real device, which has its own.</summary>
    public int Schedules => _device is GpuDevice { Driver: VirtualDriver driver } ? driver.Device.Options.SeedCount : 1;

    /// <summary>A runner on a virtual GPU that collects findings instead of stopping at the first.</summary>
    /// <param name="seeds">Schedules each launch runs with, from seed 0; all must leave the same bytes.</param>
    /// <param name="computeMajor">Compute capability, as <see cref="VirtualDeviceOptions.ComputeMajor"/>.</param>
    public static CaseRunner OnVirtualGpu(int seeds, int computeMajor = 9)
    {
        var options = new VirtualDeviceOptions
        {
            SeedCount = seeds,
            ComputeMajor = computeMajor,
            MemoryByteLength = 1L << 30,
            InstructionBudget = 1_000_000_000,
        };
        return OnGpu(new VirtualDriver(options) { ThrowsOnFindings = false });
    }

    /// <summary>Runs one case.</summary>
    /// <returns>The comparison; a device without a kernel for it is a result, not an error.</returns>
    public CaseResult Run(OpCase @case)
    {
        var values = @case.Inputs.Select((input, i) => input.Fill(i + 1)).ToArray();
        _reports.Clear();
        CaseRun run;
        try
        {
            run = CaseRun.Of(@case, values, _device, @case.WithoutWarpgroups ? _withoutWarpgroups : _kernels);
        }
        catch (NotSupportedException error)
        {
            return new CaseResult(@case, "", [], 0, error.Message) { IsUnsupported = true };
        }
        catch (Exception error) when (error is DeviceException or InvalidRequestException)
        {
            return new CaseResult(@case, "", [], 0, error.Message);
        }

        var expected = CaseRun.Of(@case, values, _cpu, _cpuKernels, isWide: true);
        var launches = run.Launches.Select((launch, i) => new LaunchResult(launch, ReportOf(launch, i))).ToArray();
        var (ratio, problem) = Compare(run.Output, expected.Output, _bounds.Of(@case, values, expected.Output));
        for (var i = 0; i < run.Written.Count && problem is null; i++)
        {
            var (_, difference) = Compare(
                run.Written[i], expected.Written[i],
                CaseBounds.OfWritten(@case, values, @case.Written[i], expected.Written[i]));
            if (difference is not null) problem = $"input {@case.Written[i]} afterwards: {difference}";
        }

        problem ??= run.Damage;
        if (problem is null && @case.NeedsTensorCores && launches.Length > 0 && !launches.Any(UsesTensorCores))
            problem = $"ran through {run.Variant}, which uses no tensor cores";
        return new CaseResult(@case, run.Variant, launches, ratio, problem);
    }

    /// <summary>Frees the devices.</summary>
    public void Dispose()
    {
        (_kernels as IDisposable)?.Dispose();
        _device.Dispose();
        _cpuKernels.Dispose();
        _cpu.Dispose();
    }

    private static bool UsesTensorCores(LaunchResult launch) =>
        launch.Launch.Kernel.Text is var text && (text.Contains("wgmma.mma_async", StringComparison.Ordinal)
            || text.Contains("mma.sync", StringComparison.Ordinal));

    /// <summary>The report of the case's launch; null on a real device.</summary>
    private LaunchReport? ReportOf(GpuLaunch launch, int index)
    {
        if (_reports.Count == 0) return null;
        if (index < _reports.Count && _reports[index].Kernel == launch.Kernel.Name) return _reports[index];
        throw new InvalidOperationException(
            $"launch {index} was to be {launch.Kernel.Name}; the device did something else.");
    }

    private static (double Ratio, string? Problem) Compare(double[] actual, double[] expected, double[] bounds)
    {
        var (worst, at) = (0.0, -1);
        for (var i = 0; i < actual.Length; i++)
        {
            var error = Math.Abs(actual[i] - expected[i]);
            if (error == 0 || actual[i].Equals(expected[i])) continue; // also the same infinity, or NaN on both
            var ratio = double.IsNaN(error) ? double.PositiveInfinity : error / bounds[i];
            if (ratio > worst) (worst, at) = (ratio, i);
        }

        return (worst, worst <= 1 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"element {at} is {actual[at]:G9}, the cpu has {expected[at]:G9} ± {bounds[at]:G3} "
                + $"({worst:G3} times the bound)"));
    }
}
