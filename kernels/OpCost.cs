namespace FlamingoGpu.Kernels;

/// <summary>
/// What an op must do at least: floating-point operations (a multiply-add counts 2) and bytes that must be read or
/// written once. The roofline, the profile and the benchmarks count with these.
/// </summary>
/// <param name="Flops">Floating-point operations.</param>
/// <param name="Bytes">Bytes read plus bytes written, each tensor once.</param>
public readonly record struct OpCost(long Flops, long Bytes)
{
    /// <summary>Sum of two costs.</summary>
    public static OpCost operator +(OpCost left, OpCost right) =>
        new(left.Flops + right.Flops, left.Bytes + right.Bytes);
}
