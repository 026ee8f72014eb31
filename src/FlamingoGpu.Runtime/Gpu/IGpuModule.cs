using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Gpu;

/// <summary>A loaded PTX text. Disposing unloads it; none of its functions may be in use then.</summary>
public interface IGpuModule : IDisposable
{
    /// <summary>What the assembler had to say (registers, spills, warnings), or an empty text.</summary>
    string Log { get; }

    /// <summary>The entry of that name.</summary>
    /// <exception cref="DeviceException">There is none.</exception>
    IGpuFunction Function(string name);
}
