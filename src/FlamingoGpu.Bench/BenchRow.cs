namespace FlamingoGpu.Bench;

/// <summary>One measured figure with what it is held against.</summary>
/// <param name="Name">What was measured, such as <c>pp512</c> or <c>gemm f32 64x2048x2048</c>.</param>
/// <param name="Unit">Unit of all its figures.</param>
/// <param name="Values">The repeats.</param>
/// <param name="RoofName">What the figure is held against, in words, or null.</param>
/// <param name="Roof">Peer or limit of the machine in the same unit, or null.</param>
/// <param name="Ratio">Speed relative to the roof (1 is equal), or null.</param>
/// <param name="Note">How it was measured, when the name does not say it.</param>
public sealed record BenchRow(
    string Name, string Unit, Samples Values,
    string? RoofName = null, double? Roof = null, double? Ratio = null, string? Note = null);
