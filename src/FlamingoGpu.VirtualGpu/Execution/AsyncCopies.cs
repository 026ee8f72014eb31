using System.Numerics;
using System.Runtime.Intrinsics;
using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>The asynchronous copies that one instruction began, one a lane, until each was waited for.</summary>
internal sealed unsafe class AsyncCopies
{
    private readonly byte*[] _sources = new byte*[Warp.Size];
    private readonly byte*[] _shadows = new byte*[Warp.Size];

    public Op Op { get; set; } = null!;

    /// <summary>Lanes that have not waited yet.</summary>
    public uint Pending { get; set; }

    /// <summary>Bytes written; what is not read becomes zero.</summary>
    public int Bytes { get; set; }

    /// <summary>By lane: offset in shared memory.</summary>
    public uint[] Destinations { get; } = new uint[Warp.Size];

    /// <summary>By lane: bytes read.</summary>
    public int[] Counts { get; } = new int[Warp.Size];

    /// <summary>By lane: number of the thread's group it belongs to.</summary>
    public int[] Groups { get; } = new int[Warp.Size];

    /// <summary>By lane: the allocation read, null when nothing is read.</summary>
    public Allocation?[] Allocations { get; } = new Allocation?[Warp.Size];

    /// <summary>By lane: device address read.</summary>
    public ulong[] Addresses { get; } = new ulong[Warp.Size];

    public void SetSource(int lane, Allocation allocation, ulong address)
    {
        Addresses[lane] = address;
        var offset = (long)(address - allocation.Start);
        Allocations[lane] = allocation;
        _sources[lane] = allocation.Data + offset;
        _shadows[lane] = allocation.Shadow == null ? null : allocation.Shadow + offset;
    }

    /// <summary>Moves the bytes of some lanes, now.</summary>
    public void Deliver(Warp warp, uint lanes)
    {
        var shared = warp.Block.Shared;
        if (lanes == 0) return;
        var isChecked = CheckTogether(warp, lanes);
        if (isChecked && Bytes == 16 && _shadows[0] != null)
        {
            for (var lane = 0; lane < Warp.Size; lane++)
            {
                Vector128.Load(_sources[lane]).Store(shared.Data + Destinations[lane]);
                Vector128.Load(_shadows[lane]).Store(shared.Shadow + Destinations[lane]);
            }
        }
        else
        {
            for (var left = lanes; left != 0; left &= left - 1)
            {
                Deliver(warp, BitOperations.TrailingZeroCount(left), isToCheck: !isChecked);
            }
        }

        shared.EndCopies(warp, lanes, Destinations, Bytes);
    }

    /// <summary>Reads of whole pieces from one allocation are checked at once.</summary>
    private bool CheckTogether(Warp warp, uint lanes)
    {
        if (lanes != Warp.Full || Allocations[0] is not { } all) return false;
        for (var lane = 0; lane < Warp.Size; lane++)
        {
            if (Counts[lane] != Bytes || Allocations[lane] != all) return false;
        }

        Addresses.CopyTo(new Span<ulong>(warp.Addresses, Warp.Size));
        warp.Pattern = AddressPattern.Scattered;
        warp.Block.Run.Races.Check(warp, Op, lanes, all, Bytes, Access.Read);
        return true;
    }

    private void Deliver(Warp warp, int lane, bool isToCheck)
    {
        var shared = warp.Block.Shared;
        var data = shared.Data + Destinations[lane];
        var shadow = shared.Shadow + Destinations[lane];
        var count = Counts[lane];
        new Span<byte>(data + count, Bytes - count).Clear();
        new Span<byte>(shadow, Bytes).Clear();
        if (count == 0) return;
        new ReadOnlySpan<byte>(_sources[lane], count).CopyTo(new Span<byte>(data, count));
        if (_shadows[lane] != null)
        {
            new ReadOnlySpan<byte>(_shadows[lane], count).CopyTo(new Span<byte>(shadow, count));
        }

        if (!isToCheck) return;
        var allocation = Allocations[lane]!;
        warp.Block.Run.Races.Check(warp, Op, lane, allocation, _sources[lane] - allocation.Data, count, Access.Read);
    }
}
