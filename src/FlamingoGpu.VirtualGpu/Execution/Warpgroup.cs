namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Four warps of a block that must execute the same <c>wgmma</c> instructions in the same order with the same
/// descriptors. They need not do so at the same time: the first to come says what the others have to do.
/// </summary>
internal sealed class Warpgroup
{
    public const int Warps = 4;

    private readonly List<Step> _open = [];
    private readonly long[] _passed = new long[Warps];
    private long _first;

    public void Clear()
    {
        _open.Clear();
        Array.Clear(_passed);
        _first = 0;
    }

    /// <summary>A warp executes its next instruction; false when another warp did something else there.</summary>
    public bool Join(Warp warp, Op op, ulong left, ulong right, bool accumulates)
    {
        var at = (int)(_passed[warp.Index % Warps]++ - _first);
        if (at == _open.Count)
        {
            _open.Add(new Step(op, left, right, accumulates, warp, 1));
            return true;
        }

        var step = _open[at];
        if (step.Op != op || step.Left != left || step.Right != right || step.Accumulates != accumulates)
        {
            warp.Report(FindingKind.WarpgroupMismatch, op, -1, 0, step.Op != op
                ? $"warp {step.By.Index} of the same warpgroup executed {step.Op.Instruction} instead."
                : $"warp {step.By.Index} of the same warpgroup gave other descriptors or another scale-d.");
            return false;
        }

        _open[at] = step with { Arrived = step.Arrived + 1 };
        if (step.Arrived + 1 < Warps) return true;
        _open.RemoveAt(0);
        _first++;
        return true;
    }

    /// <summary>The block ends: every step must have been taken by all four warps.</summary>
    public void End(Block block)
    {
        if (_open.Count == 0) return;
        var (step, group) = (_open[0], _open[0].By.Index / Warps);
        for (var i = 0; i < Warps; i++)
        {
            if (_passed[i] > _first) continue;
            block.Warps[(group * Warps) + i].Report(FindingKind.WarpgroupMismatch, step.Op, -1, 0,
                $"warp {step.By.Index} of the same warpgroup executed this, and this warp ended without it.");
        }
    }

    private readonly record struct Step(Op Op, ulong Left, ulong Right, bool Accumulates, Warp By, int Arrived);
}
