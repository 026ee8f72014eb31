namespace FlamingoGpu.VirtualGpu;

/// <summary>Totals of one launch and the share of each instruction. Counted, never timed.</summary>
/// <param name="Instructions">One entry for each instruction, in the order of the text.</param>
public sealed record LaunchCounters(IReadOnlyList<InstructionCounters> Instructions)
{
    /// <summary>Instructions executed, counted once per warp.</summary>
    public long WarpInstructions => Instructions.Sum(i => i.WarpExecutions);

    /// <summary>Instructions executed, counted once per thread.</summary>
    public long LaneInstructions => Instructions.Sum(i => i.LaneExecutions);

    /// <summary>Bytes threads read from global memory, asynchronous copies included.</summary>
    public long GlobalBytesRead => Sum(IsGlobalRead, i => i.GlobalBytes);

    /// <summary>Bytes threads wrote to global memory, atomics included.</summary>
    public long GlobalBytesWritten => Sum(i => i.GlobalSectors > 0 && !IsGlobalRead(i), i => i.GlobalBytes);

    /// <summary>32-byte sectors touched in global memory.</summary>
    public long GlobalSectors => Instructions.Sum(i => i.GlobalSectors);

    /// <summary>Ideal sectors over touched sectors, 1 when every byte of every sector was asked for.</summary>
    public double SectorEfficiency =>
        GlobalSectors == 0 ? 1 : Instructions.Sum(i => i.IdealGlobalSectors) / (double)GlobalSectors;

    /// <summary>Passes over the banks of shared memory beyond the necessary ones.</summary>
    public long BankConflicts => Instructions.Sum(i => i.SharedWavefronts - i.IdealSharedWavefronts);

    /// <summary>Warp executions by opcode.</summary>
    public IReadOnlyDictionary<string, long> Mix => Instructions
        .GroupBy(i => i.Form.Split('.')[0], StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Sum(i => i.WarpExecutions), StringComparer.Ordinal);

    private static bool IsGlobalRead(InstructionCounters i) =>
        i.GlobalSectors > 0 && (i.Form.StartsWith("ld", StringComparison.Ordinal)
            || i.Form.StartsWith("cp", StringComparison.Ordinal));

    private long Sum(Func<InstructionCounters, bool> where, Func<InstructionCounters, long> what) =>
        Instructions.Where(where).Sum(what);
}
