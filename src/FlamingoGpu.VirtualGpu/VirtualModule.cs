using FlamingoGpu.Core;
using FlamingoGpu.Ptx.Reading;

namespace FlamingoGpu.VirtualGpu;

/// <summary>A loaded PTX text: its kernels and the addresses of its variables.</summary>
public sealed class VirtualModule
{
    private readonly Dictionary<string, VirtualKernel> _kernels;
    private readonly Dictionary<string, ulong> _variables;

    internal VirtualModule(PtxModule ptx, Dictionary<string, VirtualKernel> kernels,
        Dictionary<string, ulong> variables)
    {
        Ptx = ptx;
        _kernels = kernels;
        _variables = variables;
    }

    /// <summary>The text as read.</summary>
    public PtxModule Ptx { get; }

    /// <summary>Kernels in no particular order.</summary>
    public IReadOnlyCollection<VirtualKernel> Kernels => _kernels.Values;

    /// <summary>The kernel of that name.</summary>
    /// <exception cref="InvalidRequestException">The module has none.</exception>
    public VirtualKernel Kernel(string name) => _kernels.TryGetValue(name, out var kernel)
        ? kernel
        : throw new InvalidRequestException(
            $"the module has no kernel '{name}'; it has {string.Join(", ", _kernels.Keys)}.");

    /// <summary>Device address of a constant or global variable.</summary>
    /// <exception cref="InvalidRequestException">The module has none of that name.</exception>
    public ulong Variable(string name) => _variables.TryGetValue(name, out var address)
        ? address
        : throw new InvalidRequestException($"the module has no variable '{name}'.");
}
