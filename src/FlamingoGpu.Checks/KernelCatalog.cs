using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Checks;

/// <summary>
/// Every kernel the cases use, found by binding them on a virtual GPU without running anything, each with its largest
/// launch.
/// </summary>
/// <param name="Kernels">By name.</param>
/// <param name="Unsupported">Cases the library has no kernel for, and why.</param>
public sealed record KernelCatalog(
    IReadOnlyList<(GpuLaunch Launch, OpCase Case)> Kernels, IReadOnlyList<(OpCase Case, string Reason)> Unsupported)
{
    /// <summary>Binds cases.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="usesWarpgroups">False for the kernels of devices without <see cref="GpuProperties.HasWarpgroups"/>.
    /// </param>
    public static KernelCatalog Of(IEnumerable<OpCase> cases, bool usesWarpgroups = true)
    {
        using var device = new GpuDevice(new VirtualDriver(new VirtualDeviceOptions { MemoryByteLength = 1L << 30 }));
        var kernels = new GpuKernels(device) { UsesWarpgroups = usesWarpgroups };
        var withoutWarpgroups = new GpuKernels(device) { UsesWarpgroups = false };
        var found = new SortedDictionary<string, (GpuLaunch Launch, OpCase Case)>(StringComparer.Ordinal);
        var unsupported = new List<(OpCase Case, string Reason)>();
        foreach (var @case in cases)
        {
            try
            {
                foreach (var launch in CaseRun.Bind(
                    @case, device, @case.WithoutWarpgroups ? withoutWarpgroups : kernels))
                {
                    if (!found.TryGetValue(launch.Kernel.Name, out var known) || known.Launch.Bytes < launch.Bytes)
                        found[launch.Kernel.Name] = (launch, @case);
                }
            }
            catch (NotSupportedException error)
            {
                unsupported.Add((@case, error.Message));
            }
        }

        return new KernelCatalog([.. found.Values], unsupported);
    }

    /// <summary>The kernel of that name, or the only one whose name begins so.</summary>
    /// <exception cref="InvalidRequestException">There is none, or several; names some.</exception>
    public (GpuLaunch Launch, OpCase Case) Find(string name)
    {
        var exact = Kernels.Where(item => item.Launch.Kernel.Name == name).ToList();
        if (exact.Count == 1) return exact[0];
        var matches = Kernels.Where(item => item.Launch.Kernel.Name.StartsWith(name, StringComparison.Ordinal))
            .ToList();
        if (matches.Count == 1) return matches[0];
        var near = matches.Count > 0 ? matches : [.. Kernels.OrderBy(item => Distance(name, item.Launch.Kernel.Name))];
        var names = near.Take(5).Select(item => item.Launch.Kernel.Name);
        throw new InvalidRequestException(
            $"{(matches.Count > 0 ? $"{matches.Count} kernels begin" : "no kernel begins")} with '{name}'; "
            + $"{(matches.Count > 0 ? "among them" : "nearest are")} {string.Join(", ", names)}.");
    }

    /// <summary>Insertions, deletions and substitutions between two names (Levenshtein).</summary>
    private static int Distance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var current = new int[right.Length + 1];
            current[0] = i + 1;
            for (var j = 0; j < right.Length; j++)
                current[j + 1] = Math.Min(
                    Math.Min(previous[j + 1], current[j]) + 1, previous[j] + (left[i] == right[j] ? 0 : 1));
            previous = current;
        }

        return previous[^1];
    }
}
