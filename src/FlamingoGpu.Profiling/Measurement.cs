namespace FlamingoGpu.Profiling;

/// <summary>What one node took, in the unit of its profile.</summary>
/// <param name="Start">When it began, from the start of the profile.</param>
/// <param name="Amount">How much it took.</param>
/// <param name="RequestedBytes">Bytes of global memory its threads asked for; counted on the virtual GPU, else
/// 0.</param>
/// <param name="Sectors">32-byte sectors its requests touched; counted on the virtual GPU, else 0.</param>
public readonly record struct Measurement(double Start, double Amount, long RequestedBytes = 0, long Sectors = 0);
