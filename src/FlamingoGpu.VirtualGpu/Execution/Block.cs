namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>A place for one resident block: its warps, barriers and shared memory, used by one block after
/// another.</summary>
internal sealed class Block : IDisposable
{
    public const int BarrierCount = 16;

    private readonly Dictionary<uint, Knowledge> _released = [];

    public Block(GridRun run)
    {
        Run = run;
        var threads = (int)run.BlockExtents.Count;
        Warps = new Warp[(threads + Warp.Size - 1) / Warp.Size];
        Shared = new SharedMemory(run.SharedBytes, run.Program.SharedCellShift, Warps.Length,
            run.Program.MatrixRegisters.Length > 0);
        for (var i = 0; i < Warps.Length; i++)
        {
            Warps[i] = new Warp(this, i, Math.Min(Warp.Size, threads - (i * Warp.Size)));
        }
        Warpgroups = [.. Enumerable.Range(0, (Warps.Length + Warpgroup.Warps - 1) / Warpgroup.Warps)
            .Select(_ => new Warpgroup())];
        Barriers = [.. Enumerable.Range(0, BarrierCount).Select(_ => new BlockBarrier(Warps.Length))];
    }

    public GridRun Run { get; }

    public Warp[] Warps { get; }

    public BlockBarrier[] Barriers { get; }

    public Warpgroup[] Warpgroups { get; }

    public SharedMemory Shared { get; }

    /// <summary>Linear index in the grid, x fastest.</summary>
    public int Index { get; private set; }

    public (int X, int Y, int Z) Position { get; private set; }

    /// <summary>The block's time: rises at every point where one warp may learn what another did.</summary>
    public uint Now { get; private set; }

    /// <summary>
    /// When all warps last stood at one barrier together: whatever was done up to then is ordered before all that
    /// comes after.
    /// </summary>
    public uint Floor { get; private set; }

    public bool IsDone => Warps.All(warp => warp.IsDone);

    public void Start(int index)
    {
        Index = index;
        var grid = Run.GridExtents;
        Position = (index % grid.X, index / grid.X % grid.Y, index / grid.X / grid.Y);
        Shared.Reset();
        _released.Clear();
        foreach (var barrier in Barriers) barrier.Clear();
        foreach (var group in Warpgroups) group.Clear();
        (Now, Floor) = (0, 0);
        foreach (var warp in Warps) warp.Start();
    }

    /// <summary>A new moment, later than all before.</summary>
    public uint Tick()
    {
        if (Now >= Warp.LastClock)
        {
            throw new Core.DeviceException(
                "virtual device: a block passed more than two million points of synchronisation; no more are tracked.");
        }

        return ++Now;
    }

    /// <summary>Says that all warps of the block stand at one barrier.</summary>
    public void MeetAll() => Floor = Now;

    /// <summary>All warps have ended.</summary>
    public void End()
    {
        foreach (var group in Warpgroups) group.End(this);
    }

    /// <summary>What fences published through a shared location.</summary>
    public Knowledge? ReleasedAt(uint offset) => _released.GetValueOrDefault(offset);

    public void Publish(uint offset, Knowledge knowledge) =>
        _released[offset] = Knowledge.Join(_released.GetValueOrDefault(offset), knowledge)!;

    public void Dispose()
    {
        Shared.Dispose();
        foreach (var warp in Warps) warp.Dispose();
    }
}
