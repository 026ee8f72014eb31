namespace FlamingoGpu.Bench;

/// <summary>What the figures of the OpenFlamingo-3B shape in bf16 shall reach.</summary>
public static class BenchGoals
{
    /// <summary>Least share of the memory read bandwidth that decoding uses.</summary>
    public const double DecodeBandwidth = 0.85;

    /// <summary>Least geometric mean of the speeds relative to OpenBLAS' sgemm.</summary>
    public const double GemmGeometricMean = 1.0;

    /// <summary>Least speed relative to OpenBLAS' sgemm for each shape.</summary>
    public const double GemmEach = 0.90;

    /// <summary>Most peak resident set, as a multiple of the weights' bytes.</summary>
    public const double PeakMemory = 1.2;
}
