using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Bench;

/// <summary>Limits of this machine's processor, measured in about a second: what a roofline is drawn with.</summary>
/// <param name="BytesPerSecond">Read bandwidth of memory with all threads.</param>
/// <param name="FlopsPerSecond">Fused multiply-adds on registers with all threads.</param>
public sealed record MachineLimits(double BytesPerSecond, double FlopsPerSecond)
{
    private const long ProbeBytes = 256L << 20;

    /// <summary>Measures; nothing else should run meanwhile.</summary>
    public static MachineLimits Measure(CpuDevice device)
    {
        using var probes = new MachineProbes(device, ProbeBytes, TimeSpan.FromMilliseconds(50));
        return new MachineLimits(probes.ReadBandwidth().Median * 1e9, probes.MultiplyAddPeak().Median * 1e9);
    }
}
