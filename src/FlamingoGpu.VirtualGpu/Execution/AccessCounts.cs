using System.Numerics;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>Counts what one warp access costs: passes over the banks of shared memory, sectors of global
/// memory.</summary>
internal static unsafe class AccessCounts
{
    private const int SectorShift = 5;
    private const int BankRowBytes = 128;

    /// <summary>
    /// Passes over the banks for one access: 8-byte accesses go in halves of the warp and 16-byte accesses in quarters,
    /// and within each part the banks deliver each 4-, 8- or 16-byte column of their 128-byte row once a pass.
    /// </summary>
    public static void AddShared(Warp warp, Op op, uint mask, int bytes)
    {
        ref var counts = ref warp.CountsOf(op);
        counts.SharedBytes += (long)BitOperations.PopCount(mask) * bytes;
        var widthShift = BitOperations.Log2((uint)Math.Max(bytes, 4));
        var columns = BankRowBytes >> widthShift;
        var isFree = warp.Pattern == AddressPattern.Uniform
            || (warp.Pattern == AddressPattern.Contiguous && bytes >= 4 && warp.Addresses[0] % BankRowBytes == 0);
        if (isFree && mask == Warp.Full)
        {
            counts.IdealWavefronts += Warp.Size / columns;
            counts.Wavefronts += Warp.Size / columns;
            return;
        }

        var once = mask & ~RepeatsWithin(warp, columns);
        var partMask = columns == Warp.Size ? Warp.Full : (1u << columns) - 1;
        for (var first = 0; first < Warp.Size; first += columns)
        {
            var part = once & (partMask << first);
            if (part == 0) continue;
            counts.IdealWavefronts++;
            counts.Wavefronts += Passes(warp.Addresses, part, widthShift, (uint)columns - 1);
        }
    }

    /// <summary>
    /// 32-byte sectors of one access, and how many its distinct bytes would fill if they lay together.
    /// </summary>
    public static void AddGlobal(Warp warp, Op op, uint mask, int bytes)
    {
        if (mask == 0) return;
        ref var counts = ref warp.CountsOf(op);
        counts.Went(warp.IsOneAllocation ? warp.Allocation : null);
        if (mask == Warp.Full && warp.Pattern == AddressPattern.Contiguous)
        {
            var first = warp.Addresses[0] >> SectorShift;
            var last = (warp.Addresses[0] + (ulong)((Warp.Size * bytes) - 1)) >> SectorShift;
            counts.GlobalBytes += Warp.Size * bytes;
            counts.Sectors += (long)(last - first) + 1;
            counts.IdealSectors += ((Warp.Size * bytes) + 31) >> SectorShift;
            return;
        }

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
        counts.GlobalBytes += (long)count * bytes;
        AddSorted(ref counts, addresses, count, bytes);
    }

    private static void AddSorted(ref OpCounts counts, ulong* addresses, int count, int bytes)
    {
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

        counts.Sectors += sectors;
        counts.IdealSectors += (distinctBytes + 31) >> SectorShift;
    }

    /// <summary>Lanes whose address an earlier lane of the same part has, as far as known.</summary>
    private static uint RepeatsWithin(Warp warp, int columns)
    {
        uint repeats = 0;
        var everyPart = columns == 8 ? 0x01010101u : columns == 16 ? 0x00010001u : 1u;
        for (var (i, distance) = (0, 1); distance < columns; i++, distance *= 2)
        {
            var lanes = (uint)((1UL << columns) - (1UL << distance)) * everyPart;
            repeats |= (warp.EqualAt[i] << distance) & lanes;
        }

        return repeats;
    }

    private static int Passes(ulong* addresses, uint part, int widthShift, uint columnMask)
    {
        uint seen = 0;
        for (var lanes = part; lanes != 0; lanes &= lanes - 1)
        {
            var word = (uint)addresses[BitOperations.TrailingZeroCount(lanes)] >> widthShift;
            seen |= 1u << (int)(word & columnMask);
        }

        return BitOperations.PopCount(seen) == BitOperations.PopCount(part)
            ? 1
            : Deepest(addresses, part, widthShift, columnMask);
    }

    /// <summary>The most different words that one column must deliver.</summary>
    private static int Deepest(ulong* addresses, uint part, int widthShift, uint columnMask)
    {
        var held = stackalloc uint[Warp.Size * Warp.Size];
        var depth = stackalloc byte[Warp.Size];
        new Span<byte>(depth, Warp.Size).Clear();
        var deepest = 1;
        for (; part != 0; part &= part - 1)
        {
            var word = (uint)addresses[BitOperations.TrailingZeroCount(part)] >> widthShift;
            var column = word & columnMask;
            var words = held + (column * Warp.Size);
            if (new ReadOnlySpan<uint>(words, depth[column]).Contains(word)) continue;
            words[depth[column]++] = word;
            deepest = Math.Max(deepest, depth[column]);
        }

        return deepest;
    }
}
