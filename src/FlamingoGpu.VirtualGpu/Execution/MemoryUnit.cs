using System.Numerics;
using System.Runtime.Intrinsics;
using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Checks the addresses of one warp access and turns them into host pointers: bounds, alignment, races. When all lanes
/// agree with one allocation they are checked together; else lane by lane, and those that fail are reported and taken
/// out.
/// </summary>
internal static unsafe class MemoryUnit
{
    /// <summary>Resolves generic addresses: lanes that point into the shared window, and the others.</summary>
    public static uint ResolveGeneric(Warp warp, Op op, uint mask, int bytes, Access access)
    {
        uint shared = 0;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            if (warp.Addresses[lane] < DeviceHeap.SharedWindow) continue;
            warp.Addresses[lane] -= DeviceHeap.SharedWindow;
            shared |= 1u << lane;
        }

        uint resolved = 0;
        if (shared != 0) resolved = ResolveShared(warp, op, shared, bytes, access);
        if (shared != mask) resolved |= ResolveGlobal(warp, op, mask & ~shared, bytes, access);
        if (shared == 0 || shared == mask) return resolved;
        warp.IsOneAllocation = false;
        warp.Pattern = AddressPattern.Scattered;
        return resolved;
    }

    public static uint ResolveShared(Warp warp, Op op, uint mask, int bytes, Access access)
    {
        var shared = warp.Block.Shared;
        var (_, highest, bits) = Extent(warp, mask, bytes);
        warp.IsOneAllocation = highest <= (ulong)shared.Length && highest + (ulong)bytes <= (ulong)shared.Length
            && (bits & (ulong)(bytes - 1)) == 0;
        if (!warp.IsOneAllocation)
        {
            warp.Pattern = AddressPattern.Scattered;
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                if (!IsInside(warp, op, lane, bytes, shared.Length, "the block", "shared")) mask &= ~(1u << lane);
            }
        }

        Point(warp, shared.Data, shared.Shadow);
        if (mask == 0) return 0;
        shared.Check(warp, op, mask, bytes, access);
        AccessCounts.AddShared(warp, op, mask, bytes);
        return mask;
    }

    public static uint ResolveGlobal(Warp warp, Op op, uint mask, int bytes, Access access)
    {
        var resolved = FindGlobal(warp, op, mask, bytes, access);
        AccessCounts.AddGlobal(warp, op, resolved, bytes);
        return resolved;
    }

    /// <summary>As <see cref="ResolveGlobal"/>, without counting.</summary>
    public static uint FindGlobal(Warp warp, Op op, uint mask, int bytes, Access access)
    {
        var run = warp.Block.Run;
        var (lowest, highest, bits) = Extent(warp, mask, bytes);
        var writes = access is Access.Write or Access.StrongWrite;
        if (run.Heap.Find(lowest) is { } all && lowest >= all.Start
            && highest - all.Start + (ulong)bytes <= (ulong)all.Length && (bits & (ulong)(bytes - 1)) == 0
            && !(writes && all.IsReadOnly))
        {
            warp.IsOneAllocation = true;
            warp.Allocation = all;
            Point(warp, all.Data - all.Start, all.Shadow == null ? null : all.Shadow - all.Start);
            run.Races.Check(warp, op, mask, all, bytes, access);
            EarlyAccesses.Check(warp, op, mask, bytes, access);
            return mask;
        }

        warp.IsOneAllocation = false;
        warp.Pattern = AddressPattern.Scattered;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            if (FindLane(warp, op, lane, bytes, access, writes) is not { } allocation)
            {
                mask &= ~(1u << lane);
                continue;
            }

            var offset = (long)(warp.Addresses[lane] - allocation.Start);
            warp.Pointers[lane] = allocation.Data + offset;
            warp.Shadows[lane] = allocation.Shadow == null ? null : allocation.Shadow + offset;
            run.Races.Check(warp, op, lane, allocation, offset, bytes, access);
        }

        EarlyAccesses.Check(warp, op, mask, bytes, access);
        return mask;
    }

    /// <summary>Local memory: each lane has an array of its own; nothing can race and nothing is counted.</summary>
    public static uint ResolveLocal(Warp warp, Op op, uint mask, int bytes)
    {
        var length = warp.Block.Run.Program.Kernel.LocalByteLength;
        warp.IsOneAllocation = false;
        warp.Pattern = AddressPattern.Scattered;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            if (!IsInside(warp, op, lane, bytes, length, "the thread", "local"))
            {
                mask &= ~(1u << lane);
                continue;
            }

            var offset = ((long)lane * length) + (long)warp.Addresses[lane];
            warp.Pointers[lane] = warp.Local + offset;
            warp.Shadows[lane] = warp.LocalShadow + offset;
        }

        return mask;
    }

    /// <summary>
    /// Lowest and highest address of the access and all bits that occur; finds the pattern. Lanes that do not take part
    /// get the address of one that does.
    /// </summary>
    private static (ulong Lowest, ulong Highest, ulong Bits) Extent(Warp warp, uint mask, int bytes)
    {
        var addresses = warp.Addresses;
        if (mask != Warp.Full)
        {
            var stand = addresses[BitOperations.TrailingZeroCount(mask)];
            for (var others = ~mask; others != 0; others &= others - 1)
            {
                addresses[BitOperations.TrailingZeroCount(others)] = stand;
            }
        }

        (warp.Distinct, warp.Repeated) = (mask, 0);
        new Span<uint>(warp.EqualAt, Warp.Distances).Clear();
        var first = addresses[0];
        var expected = Vector256.Create(first) + (Vector256.Create(0UL, 1, 2, 3) * (ulong)bytes);
        var step = Vector256.Create((ulong)(bytes * Vector256<ulong>.Count));
        var (lowest, highest, bits) = (Vector256.Create(first), Vector256.Create(first), Vector256<ulong>.Zero);
        var differs = Vector256<ulong>.Zero;
        for (var lane = 0; lane < Warp.Size; lane += Vector256<ulong>.Count)
        {
            var some = Vector256.Load(addresses + lane);
            lowest = Vector256.Min(lowest, some);
            highest = Vector256.Max(highest, some);
            bits |= some;
            differs |= some ^ expected;
            expected += step;
        }

        if (differs == Vector256<ulong>.Zero)
        {
            warp.Pattern = AddressPattern.Contiguous;
            return (first, first + (ulong)((Warp.Size - 1) * bytes), first);
        }

        var (low, high, any) = (lowest[0], highest[0], bits[0]);
        for (var i = 1; i < Vector256<ulong>.Count; i++)
        {
            (low, high, any) = (Math.Min(low, lowest[i]), Math.Max(high, highest[i]), any | bits[i]);
        }

        warp.Pattern = low == high ? AddressPattern.Uniform : AddressPattern.Scattered;
        if (mask == Warp.Full && low != high) FindRepeats(warp);
        return (low, high, any);
    }

    /// <summary>Lanes that share an address usually lie a power of two apart, as the threads of a tile do.</summary>
    private static void FindRepeats(Warp warp)
    {
        uint later = 0, earlier = 0;
        for (var (i, distance) = (0, 1); i < Warp.Distances; i++, distance *= 2)
        {
            uint equal = 0;
            for (var lane = 0; lane + distance < Warp.Size; lane += Vector256<ulong>.Count)
            {
                // Beyond the last lane other scratch follows; those bits are cut off.
                equal |= Vector256.Equals(
                    Vector256.Load(warp.Addresses + lane), Vector256.Load(warp.Addresses + lane + distance))
                    .ExtractMostSignificantBits() << lane;
            }

            equal &= Warp.Full >> distance;
            warp.EqualAt[i] = equal;
            later |= equal;
            earlier |= equal << distance;
        }

        (warp.Distinct, warp.Repeated) = (~earlier, later & ~earlier);
    }

    /// <summary>Sets pointers and shadows of all lanes from bases that stand for address 0.</summary>
    private static void Point(Warp warp, byte* data, byte* shadow)
    {
        var shadowStep = shadow == null ? Vector256<ulong>.Zero : Vector256<ulong>.AllBitsSet;
        for (var lane = 0; lane < Warp.Size; lane += Vector256<ulong>.Count)
        {
            var address = Vector256.Load(warp.Addresses + lane);
            (address + Vector256.Create((ulong)data)).Store((ulong*)warp.Pointers + lane);
            ((address + Vector256.Create((ulong)shadow)) & shadowStep).Store((ulong*)warp.Shadows + lane);
        }
    }

    private static Allocation? FindLane(Warp warp, Op op, int lane, int bytes, Access access, bool writes)
    {
        var address = warp.Addresses[lane];
        var allocation = warp.Block.Run.Heap.Find(address);
        if (allocation is null || address < allocation.Start
            || address - allocation.Start + (ulong)bytes > (ulong)allocation.Length)
        {
            warp.Report(FindingKind.OutOfBounds, op, lane, address, allocation is null
                ? $"{bytes} bytes at this address lie in no allocation."
                : $"{bytes} bytes at offset {(long)(address - allocation.Start)} lie outside '{allocation.Purpose}', "
                    + $"which has {allocation.Length} bytes.");
            return null;
        }

        if ((address & (ulong)(bytes - 1)) != 0)
        {
            ReportMisaligned(warp, op, lane, address, bytes);
            return null;
        }

        if (!allocation.IsReadOnly || !writes) return allocation;
        warp.Report(FindingKind.ReadOnlyWrite, op, lane, address, $"{allocation.Purpose} is read-only.");
        return null;
    }

    private static bool IsInside(Warp warp, Op op, int lane, int bytes, int length, string whose, string space)
    {
        var offset = warp.Addresses[lane];
        if (offset > (ulong)length || offset + (ulong)bytes > (ulong)length)
        {
            warp.Report(FindingKind.OutOfBounds, op, lane, offset,
                $"{bytes} bytes at {space} offset {offset} lie outside {whose}'s {length} bytes.");
            return false;
        }

        if ((offset & (ulong)(bytes - 1)) == 0) return true;
        ReportMisaligned(warp, op, lane, offset, bytes);
        return false;
    }

    private static void ReportMisaligned(Warp warp, Op op, int lane, ulong address, int bytes) =>
        warp.Report(FindingKind.Misaligned, op, lane, address,
            $"an access of {bytes} bytes needs an address that is a multiple of {bytes}.");
}
