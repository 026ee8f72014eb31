using System.Numerics;
using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Checks the addresses of one warp access and turns them into host pointers: bounds, alignment, races, sectors and
/// bank conflicts. Lanes that fail a check are reported and taken out.
/// </summary>
internal static unsafe class MemoryUnit
{
    private const int SectorShift = 5;
    private const int BankRowBytes = 128;

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
        return resolved;
    }

    public static uint ResolveShared(Warp warp, Op op, uint mask, int bytes, Access access)
    {
        var shared = warp.Block.Shared;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var offset = warp.Addresses[lane];
            if (offset > (ulong)shared.Length || offset + (ulong)bytes > (ulong)shared.Length)
            {
                warp.Report(FindingKind.OutOfBounds, op, lane, offset,
                    $"{bytes} bytes at shared offset {offset} lie outside the block's {shared.Length} bytes.");
                mask &= ~(1u << lane);
                continue;
            }

            if ((offset & (ulong)(bytes - 1)) != 0)
            {
                ReportMisaligned(warp, op, lane, offset, bytes);
                mask &= ~(1u << lane);
                continue;
            }

            warp.Pointers[lane] = shared.Data + offset;
            warp.Shadows[lane] = shared.Shadow + offset;
            shared.Check(warp, op, lane, (uint)offset, bytes, access);
        }

        CountBanks(warp, op, mask, bytes);
        return mask;
    }

    public static uint ResolveGlobal(Warp warp, Op op, uint mask, int bytes, Access access)
    {
        var heap = warp.Block.Run.Heap;
        var races = warp.Block.Run.Races;
        Allocation? allocation = null;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var address = warp.Addresses[lane];
            if (allocation is null || address - allocation.Start >= (ulong)allocation.Length)
            {
                allocation = heap.Find(address);
            }
            if (allocation is null || address < allocation.Start
                || address - allocation.Start + (ulong)bytes > (ulong)allocation.Length)
            {
                ReportOutside(warp, op, lane, address, bytes, allocation);
                mask &= ~(1u << lane);
                continue;
            }

            if ((address & (ulong)(bytes - 1)) != 0)
            {
                ReportMisaligned(warp, op, lane, address, bytes);
                mask &= ~(1u << lane);
                continue;
            }

            if (allocation.IsReadOnly && access is Access.Write or Access.StrongWrite)
            {
                warp.Report(FindingKind.ReadOnlyWrite, op, lane, address, $"{allocation.Purpose} is read-only.");
                mask &= ~(1u << lane);
                continue;
            }

            var offset = (long)(address - allocation.Start);
            warp.Pointers[lane] = allocation.Data + offset;
            warp.Shadows[lane] = allocation.Shadow == null ? null : allocation.Shadow + offset;
            races.Check(warp, op, lane, allocation, offset, bytes, access);
        }

        CountSectors(warp, op, mask, bytes);
        return mask;
    }

    /// <summary>Local memory: each lane has an array of its own; nothing can race and nothing is counted.</summary>
    public static uint ResolveLocal(Warp warp, Op op, uint mask, int bytes)
    {
        var length = warp.Block.Run.Program.Kernel.LocalByteLength;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var offset = warp.Addresses[lane];
            if (offset > (ulong)length || offset + (ulong)bytes > (ulong)length)
            {
                warp.Report(FindingKind.OutOfBounds, op, lane, offset,
                    $"{bytes} bytes at local offset {offset} lie outside the thread's {length} bytes.");
                mask &= ~(1u << lane);
                continue;
            }

            if ((offset & (ulong)(bytes - 1)) != 0)
            {
                ReportMisaligned(warp, op, lane, offset, bytes);
                mask &= ~(1u << lane);
                continue;
            }

            warp.Pointers[lane] = warp.Local + ((long)lane * length) + (long)offset;
            warp.Shadows[lane] = warp.LocalShadow + ((long)lane * length) + (long)offset;
        }

        return mask;
    }

    /// <summary>
    /// Passes over the banks for one access: 8-byte accesses go in halves of the warp and 16-byte accesses in quarters,
    /// and within each part the banks deliver each 4-, 8- or 16-byte column of their 128-byte row once a pass.
    /// </summary>
    private static void CountBanks(Warp warp, Op op, uint mask, int bytes)
    {
        op.Bytes += (long)BitOperations.PopCount(mask) * bytes;
        var widthShift = BitOperations.Log2((uint)Math.Max(bytes, 4));
        var columnMask = (BankRowBytes >> widthShift) - 1;
        var lanesPerPart = BankRowBytes >> widthShift;
        var partMask = lanesPerPart == Warp.Size ? Warp.Full : (1u << lanesPerPart) - 1;
        if (mask == Warp.Full && bytes >= 4 && IsContiguous(warp, bytes))
        {
            op.IdealWavefronts += Warp.Size / lanesPerPart;
            op.Wavefronts += Warp.Size / lanesPerPart;
            return;
        }

        var held = stackalloc uint[Warp.Size * Warp.Size];
        var depth = stackalloc byte[Warp.Size];
        for (var first = 0; first < Warp.Size; first += lanesPerPart)
        {
            var part = mask & (partMask << first);
            if (part == 0) continue;
            new Span<byte>(depth, Warp.Size).Clear();
            var passes = 1;
            for (; part != 0; part &= part - 1)
            {
                var word = (uint)warp.Addresses[BitOperations.TrailingZeroCount(part)] >> widthShift;
                passes = Math.Max(passes, Claim(held, depth, word, word & (uint)columnMask));
            }

            op.IdealWavefronts++;
            op.Wavefronts += passes;
        }
    }

    private static bool IsContiguous(Warp warp, int bytes)
    {
        var start = warp.Addresses[0];
        if (start % BankRowBytes != 0) return false;
        for (var lane = 1; lane < Warp.Size; lane++)
        {
            if (warp.Addresses[lane] != start + (ulong)(lane * bytes)) return false;
        }

        return true;
    }

    /// <summary>Adds a word to those its column must deliver; how many those are now.</summary>
    private static int Claim(uint* words, byte* depth, uint word, uint column)
    {
        var held = words + (column * Warp.Size);
        var count = depth[column];
        for (var i = 0; i < count; i++)
        {
            if (held[i] == word) return count;
        }

        held[count] = word;
        return ++depth[column];
    }

    private static void CountSectors(Warp warp, Op op, uint mask, int bytes)
    {
        if (mask == 0) return;
        var addresses = stackalloc ulong[Warp.Size];
        var count = 0;
        var isSorted = true;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var address = warp.Addresses[BitOperations.TrailingZeroCount(lanes)];
            isSorted &= count == 0 || address >= addresses[count - 1];
            addresses[count++] = address;
        }

        if (!isSorted) new Span<ulong>(addresses, count).Sort();
        long sectors = 0, distinctBytes = 0;
        var lastSector = ulong.MaxValue;
        var lastAddress = ulong.MaxValue;
        for (var i = 0; i < count; i++)
        {
            if (addresses[i] == lastAddress) continue;
            lastAddress = addresses[i];
            distinctBytes += bytes;
            var sector = lastAddress >> SectorShift;
            if (sector == lastSector) continue;
            lastSector = sector;
            sectors++;
        }

        op.Bytes += (long)count * bytes;
        op.Sectors += sectors;
        op.IdealSectors += (distinctBytes + 31) >> SectorShift;
    }

    private static void ReportMisaligned(Warp warp, Op op, int lane, ulong address, int bytes) =>
        warp.Report(FindingKind.Misaligned, op, lane, address,
            $"an access of {bytes} bytes needs an address that is a multiple of {bytes}.");

    private static void ReportOutside(Warp warp, Op op, int lane, ulong address, int bytes, Allocation? nearest) =>
        warp.Report(
        FindingKind.OutOfBounds, op, lane, address, nearest is null
            ? $"{bytes} bytes at this address lie in no allocation."
            : $"{bytes} bytes at offset {(long)(address - nearest.Start)} lie outside '{nearest.Purpose}', "
                + $"which has {nearest.Length} bytes.");
}
