using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Reductions of integers over a block of whole warps, the same in every thread: one <c>redux</c> a warp, then the
/// warps. Every thread must come to each; two barriers, of the first reduction one: it must not stand in a loop.
/// </summary>
/// <param name="threads">Threads of the block.</param>
internal sealed class BlockIntegers(int threads)
{
    private readonly Shared<U32> _parts = SharedArray<U32>(threads / 32);
    private bool _isUsed;

    /// <summary>The largest.</summary>
    public U32 Max(U32 value) => Across(Isa.ReduxSyncMax(value), (a, b) => DeviceCode.Max(a, b));

    /// <summary>The smallest.</summary>
    public S32 Min(S32 value) =>
        Across(Isa.ReduxSyncMin(value).AsU32(), (a, b) => DeviceCode.Min(a.AsS32(), b.AsS32()).AsU32()).AsS32();

    /// <summary>The sum.</summary>
    public S32 Sum(S32 value) => Across(Isa.ReduxSyncAdd(value).AsU32(), (a, b) => a + b).AsS32();

    private U32 Across(U32 ofWarp, Func<U32, U32, U32> combine)
    {
        // Keeps these writes behind the reads of the reduction before.
        if (_isUsed) Barrier();
        _isUsed = true;
        When(LaneId == 0, () => _parts[WarpId] = ofWarp);
        Barrier();
        var all = _parts[0];
        for (var warp = 1; warp < threads / 32; warp++) all = combine(all, _parts[warp]);
        return all;
    }
}
