using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// One run of a kernel over some blocks of its grid: they start in the given order in a few places, and at each moment
/// a random warp that can go on executes a random number of instructions.
/// </summary>
internal sealed class GridRun : IDisposable
{
    private const int LongestQuantum = 96;

    private readonly VirtualDeviceOptions _options;
    private readonly List<Block> _running = [];
    private readonly List<Warp> _runnable = [];
    private readonly int[] _order;
    private int _started;
    private Warp? _current;

    public GridRun(
        Program program, Dim3 grid, Dim3 block, int dynamicSharedBytes, byte[] parameters, DeviceHeap heap,
        VirtualDeviceOptions options, GlobalRaces races, int[] order, LaunchChain chain, Random random)
    {
        Program = program;
        GridExtents = grid;
        BlockExtents = block;
        DynamicSharedBytes = dynamicSharedBytes;
        SharedBytes = program.Kernel.StaticSharedByteLength + dynamicSharedBytes;
        Parameters = parameters;
        Random = random;
        Heap = heap;
        Log = new FindingLog(program.Kernel.Name);
        Counts = new OpCounts[program.Ops.Length];
        Races = races;
        Chain = chain;
        _options = options;
        _order = order;
    }

    public Program Program { get; }

    public Dim3 GridExtents { get; }

    public Dim3 BlockExtents { get; }

    public int DynamicSharedBytes { get; }

    public int SharedBytes { get; }

    public byte[] Parameters { get; }

    public Random Random { get; }

    public DeviceHeap Heap { get; }

    public FindingLog Log { get; }

    /// <summary>By instruction.</summary>
    public OpCounts[] Counts { get; }

    public GlobalRaces Races { get; }

    public LaunchChain Chain { get; }

    /// <summary>True after a finding that leaves no sensible way on.</summary>
    public bool IsAborted { get; private set; }

    public void Abort() => IsAborted = true;

    public void Run()
    {
        var places = Math.Min(Math.Max(1, _options.ResidentBlocks), _order.Length);
        for (var i = 0; i < places; i++)
        {
            var block = new Block(this);
            _running.Add(block);
            block.Start(_order[_started++]);
        }

        foreach (var block in _running) _runnable.AddRange(block.Warps);
        long executed = 0;
        while (!IsAborted && _runnable.Count > 0)
        {
            var at = Random.Next(_runnable.Count);
            var warp = _current = _runnable[at];
            executed += warp.Step(1 + Random.Next(LongestQuantum));
            if (warp.WaitingOn >= 0 || warp.IsDone)
            {
                _runnable[at] = _runnable[^1];
                _runnable.RemoveAt(_runnable.Count - 1);
                if (warp.IsDone) AfterEnd(warp.Block);
            }

            if (_runnable.Count == 0 && _running.Count > 0) ReportDeadlock();
            if (executed > _options.InstructionBudget) ReportNoProgress(warp);
        }
    }

    /// <summary>Lets a complete barrier round go. The warp that completed it is runnable all along.</summary>
    public void Release(BlockBarrier barrier)
    {
        _runnable.AddRange(barrier.Waiting.Where(warp => warp != _current));
        barrier.Release();
    }

    public void Dispose()
    {
        foreach (var block in _running) block.Dispose();
        _running.Clear();
    }

    private void AfterEnd(Block block)
    {
        if (!block.IsDone) return;
        if (!IsAborted) block.End();
        if (_started < _order.Length)
        {
            block.Start(_order[_started++]);
            _runnable.AddRange(block.Warps);
        }
        else
        {
            _running.Remove(block);
            block.Dispose();
        }
    }

    private void ReportDeadlock()
    {
        var waiting = _running.SelectMany(block => block.Warps).Where(warp => warp.WaitingOn >= 0).ToArray();
        if (waiting.Length == 0) return;
        var first = waiting[0];
        var barrier = first.Block.Barriers[first.WaitingOn];
        var where = string.Join("; ", waiting.Take(8).Select(warp =>
            $"block {warp.Block.Index} warp {warp.Index} at barrier {warp.WaitingOn} "
            + $"(line {warp.WaitingAt!.Instruction.Line})"));
        var ended = first.Block.Warps.Count(warp => warp.IsDone);
        Log.Report(FindingKind.Deadlock, first.WaitingAt!, first, -1, 0,
            $"no warp can go on. The barrier has {barrier.Arrived} of {barrier.Expected} threads, {ended} warps of "
            + $"the block have ended. Waiting: {where}.");
        Abort();
    }

    private void ReportNoProgress(Warp warp)
    {
        var op = Program.Ops[Math.Clamp(warp.Pc, 0, Program.Ops.Length - 1)];
        Log.Report(FindingKind.NoProgress, op, warp, -1, 0,
            $"the launch executed {_options.InstructionBudget} warp instructions without ending; this warp was here.");
        Abort();
    }
}
