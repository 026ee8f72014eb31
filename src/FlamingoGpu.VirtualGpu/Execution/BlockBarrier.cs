namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>One of a block's sixteen barriers: who has arrived in the current round, and what they knew.</summary>
internal sealed class BlockBarrier
{
    private readonly uint[] _clocks;
    private readonly uint[] _proxyClocks;

    public BlockBarrier(int warpCount) => (_clocks, _proxyClocks) = (new uint[warpCount], new uint[warpCount]);

    /// <summary>Threads the round waits for, 0 between rounds.</summary>
    public int Expected { get; private set; }

    public int Arrived { get; private set; }

    /// <summary>Warps of the round, those that only arrive included.</summary>
    public List<Warp> Participants { get; } = [];

    /// <summary>Those that stand still until the round is full.</summary>
    public List<Warp> Waiting { get; } = [];

    /// <summary>Threads whose predicate held, and threads that gave one.</summary>
    public int Votes { get; private set; }

    public int Voters { get; private set; }

    private Knowledge? _known;
    private Knowledge? _fenced;
    private Knowledge? _acquirable;

    public bool IsComplete => Expected > 0 && Arrived >= Expected;

    public void Arrive(Warp warp, int expected, bool waits, int votes, int voters)
    {
        Expected = expected;
        Arrived += Warp.Size;
        Participants.Add(warp);
        if (waits) Waiting.Add(warp);
        Votes += votes;
        Voters += voters;
        Join(_clocks, warp.Clocks);
        Join(_proxyClocks, warp.ProxyClocks);
        _known = Knowledge.Join(_known, warp.Known);
        _fenced = Knowledge.Join(_fenced, warp.Fenced);
        _acquirable = Knowledge.Join(_acquirable, warp.Acquirable);
        if (!waits) warp.Tick();
    }

    /// <summary>Ends the round: what every participant did before is now known to all that waited.</summary>
    public void Release()
    {
        if (Waiting.Count == _clocks.Length) Waiting[0].Block.MeetAll();
        foreach (var warp in Waiting)
        {
            Join(warp.Clocks, _clocks);
            Join(warp.ProxyClocks, _proxyClocks);
            warp.Known = _known;
            warp.Fenced = _fenced;
            warp.Acquirable = _acquirable;
            warp.Tick();
            warp.BarrierVotes = (Votes, Voters);
            warp.WaitingOn = -1;
        }

        Clear();
    }

    public void Clear()
    {
        Expected = 0;
        Arrived = 0;
        Votes = 0;
        Voters = 0;
        Participants.Clear();
        Waiting.Clear();
        Array.Clear(_clocks);
        Array.Clear(_proxyClocks);
        _known = null;
        _fenced = null;
        _acquirable = null;
    }

    private static void Join(uint[] clocks, uint[] others)
    {
        for (var i = 0; i < clocks.Length; i++) clocks[i] = Math.Max(clocks[i], others[i]);
    }
}
