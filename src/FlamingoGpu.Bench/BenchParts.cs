namespace FlamingoGpu.Bench;

/// <summary>Parts of a run that can be left out. The machine's limits are always measured.</summary>
[Flags]
public enum BenchParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Decode, prefill, image encoding.</summary>
    Model = 1,

    /// <summary>Matrix products against OpenBLAS.</summary>
    Gemm = 2,

    /// <summary>Peak resident set of a child process.</summary>
    Memory = 4,

    /// <summary>Time by kind of operation.</summary>
    Profile = 8,
}
