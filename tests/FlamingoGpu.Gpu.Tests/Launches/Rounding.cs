namespace FlamingoGpu.Gpu.Tests.Launches;

/// <summary>Unit roundoffs from which the bounds of launch cases are derived.</summary>
internal static class Rounding
{
    /// <summary>Of f32: half a unit of its 24th bit.</summary>
    public const double F32 = 1.0 / (1 << 24);

    /// <summary>Of bf16: half a unit of its 8th bit.</summary>
    public const double BF16 = 1.0 / (1 << 8);
}
