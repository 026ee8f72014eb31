using FlamingoGpu.Ptx;
using FlamingoGpu.VirtualGpu;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Zoo;

/// <summary>Small kernels in the kernel language, each with one known bug and its corrected twin.</summary>
internal static class LanguageZoo
{
    private const int Count = 256;

    public static readonly IReadOnlyList<LanguageZooKernel> Kernels =
    [
        new("missing_barrier", FindingKind.Race, 256, 1, (zoo, isBroken, x, y) =>
        {
            var tile = SharedArray<F32>(Count);
            tile[ThreadIdx.X] = x[ThreadIdx.X];
            if (!isBroken) Barrier();
            zoo.Here(); y[ThreadIdx.X] = tile[ThreadIdx.X ^ 128];
        })
        { Expected = x => [.. Enumerable.Range(0, Count).Select(i => x[i ^ 128])] },

        new("missing_warp_sync", FindingKind.Race, 256, 1, (zoo, isBroken, x, y) =>
        {
            var tile = SharedArray<F32>(Count);
            tile[ThreadIdx.X] = x[ThreadIdx.X];
            if (!isBroken) Isa.BarWarpSync();
            zoo.Here(); y[ThreadIdx.X] = tile[ThreadIdx.X ^ 1];
        })
        { Expected = x => [.. Enumerable.Range(0, Count).Select(i => x[i ^ 1])] },

        new("wrong_wait_group", FindingKind.MissingWait, 256, 1, (zoo, isBroken, x, y) =>
        {
            var tile = SharedArray<F32>(2 * Count);
            for (var group = 0; group < 2; group++)
            {
                Isa.CpAsyncCa(tile + (Count * group + ThreadIdx.X), x + (Count * group + ThreadIdx.X), 4);
                Isa.CpAsyncCommitGroup();
            }

            Isa.CpAsyncWaitGroup(isBroken ? 1 : 0);
            var first = tile[ThreadIdx.X];
            zoo.Here(); y[ThreadIdx.X] = first + tile[ThreadIdx.X + Count];
        })
        { Expected = x => [.. Enumerable.Range(0, Count).Select(i => x[i] + x[i + Count])] },

        new("committed_too_late", FindingKind.MissingWait, 256, 1, (zoo, isBroken, x, y) =>
        {
            var tile = SharedArray<F32>(Count);
            Isa.CpAsyncCa(tile + ThreadIdx.X, x + ThreadIdx.X, 4);
            if (!isBroken) Isa.CpAsyncCommitGroup();
            Isa.CpAsyncWaitGroup(0);
            zoo.Here(); y[ThreadIdx.X] = tile[ThreadIdx.X];
            if (isBroken) Isa.CpAsyncCommitGroup();
            Isa.CpAsyncWaitGroup(0);
        })
        { Expected = x => x[..Count] },

        new("waited_too_late", FindingKind.MissingWait, 256, 1, (zoo, isBroken, x, y) =>
        {
            var tile = SharedArray<F32>(Count);
            Isa.CpAsyncCa(tile + ThreadIdx.X, x + ThreadIdx.X, 4);
            Isa.CpAsyncCommitGroup();
            if (!isBroken) Isa.CpAsyncWaitGroup(0);
            Barrier();
            zoo.Here(); y[ThreadIdx.X] = tile[ThreadIdx.X ^ 128];
            if (isBroken) Isa.CpAsyncWaitGroup(0);
        })
        { Expected = x => [.. Enumerable.Range(0, Count).Select(i => x[i ^ 128])] },

        new("stale_ring_slot", FindingKind.MissingWait, 256, 1, (zoo, isBroken, x, y) =>
        {
            // Two slots: step s reads slot s mod 2 while s + 1 is on its way into the other one.
            var ring = SharedArray<F32>(2 * Count);
            var sum = Var(0f);
            Isa.CpAsyncCa(ring + ThreadIdx.X, x + ThreadIdx.X, 4);
            Isa.CpAsyncCommitGroup();
            For(0, 3, step =>
            {
                var next = ((step + 1) & 1) * Count + ThreadIdx.X;
                Isa.CpAsyncCa(ring + next, x + ((step + 1) * Count + ThreadIdx.X), 4);
                Isa.CpAsyncCommitGroup();
                Isa.CpAsyncWaitGroup(1);
                var slot = isBroken ? (step + 1) & 1 : step & 1;
                zoo.Here(); sum += ring[slot * Count + ThreadIdx.X];
            });
            Isa.CpAsyncWaitGroup(0);
            y[ThreadIdx.X] = sum;
        })
        { Expected = x => [.. Enumerable.Range(0, Count).Select(i => x[i] + x[i + Count] + x[i + 2 * Count])] },

        new("ring_refilled_too_early", FindingKind.Race, 256, 1, (zoo, isBroken, x, y) =>
        {
            var slot = SharedArray<F32>(Count);
            var sum = Var(0f);
            For(0, 3, step =>
            {
                zoo.Here(); Isa.CpAsyncCa(slot + ThreadIdx.X, x + (step * Count + ThreadIdx.X), 4);
                Isa.CpAsyncCommitGroup();
                Isa.CpAsyncWaitGroup(0);
                Barrier();
                sum += slot[ThreadIdx.X ^ 128];
                if (!isBroken) Barrier();
            });
            y[ThreadIdx.X] = sum;
        })
        {
            Expected = x => [.. Enumerable.Range(0, Count).Select(i => i ^ 128)
                .Select(i => x[i] + x[i + Count] + x[i + 2 * Count])],
        },

        new("unwritten_output", null, 256, 1, (_, isBroken, x, y) =>
            When(ThreadIdx.X < (isBroken ? Count - 1 : Count), () => y[ThreadIdx.X] = x[ThreadIdx.X]))
        { Expected = x => x[..Count] },

        new("misaligned_vector", FindingKind.Misaligned, 64, 1, (zoo, isBroken, x, y) =>
        {
            var from = x + 4 * ThreadIdx.X;
            zoo.Here(); var four = Isa.LdGlobalV4(isBroken ? from + 1 : from);
            Isa.StGlobalV4(y + 4 * ThreadIdx.X, four);
        })
        { Expected = x => x[..Count] },

        new("out_of_bounds_tail", FindingKind.OutOfBounds, 96, 3, (zoo, isBroken, x, y) =>
        {
            var i = BlockIdx.X * 96 + ThreadIdx.X;
            When(i < (isBroken ? Count + 1 : Count), () =>
            {
                zoo.Here(); y[i] = x[i];
            });
        })
        { Expected = x => x[..Count] },

        new("divergent_barrier", FindingKind.DivergentBarrier, 256, 1, (zoo, isBroken, x, y) =>
        {
            y[ThreadIdx.X] = x[ThreadIdx.X];
            If(isBroken ? LaneId < 16 : ThreadIdx.X >= 0, () =>
            {
                zoo.Here(); Barrier();
            });
        })
        { Expected = x => x[..Count] },

        new("barrier_some_warps_skip", FindingKind.Deadlock, 256, 1, (zoo, isBroken, x, y) =>
        {
            y[ThreadIdx.X] = x[ThreadIdx.X];
            If(isBroken ? WarpId < 3 : WarpId < 8, () =>
            {
                zoo.Here(); Barrier();
            });
        })
        { Expected = x => x[..Count] },

        new("uninitialised_shared_memory", FindingKind.UninitialisedUse, 256, 1, (zoo, isBroken, x, y) =>
        {
            var tile = SharedArray<F32>(Count + 1);
            tile[ThreadIdx.X] = x[ThreadIdx.X];
            Barrier();
            zoo.Here(); y[ThreadIdx.X] = tile[ThreadIdx.X + (isBroken ? 1 : 0)];
        })
        { Expected = x => x[..Count] },

        new("wrong_fragment_map", null, 32, 1, (_, isBroken, x, y) =>
        {
            // A lane owns rows ℓ/4 and ℓ/4 + 8 of 16 × 8 sums, columns 2(ℓ mod 4) and the next: half of y.
            var sums = new Accumulator(16, 16);
            var row = isBroken ? LaneId & 7 : Accumulator.LaneRow;
            sums.ForEachPair((dr, dc, low, high) =>
            {
                var at = (row + dr) * 16 + Accumulator.LaneColumn + dc;
                y[at] = low + x[(Accumulator.LaneRow + dr) * 16 + Accumulator.LaneColumn + dc];
                y[at + 1] = high + x[(Accumulator.LaneRow + dr) * 16 + Accumulator.LaneColumn + dc + 1];
            });
        })
        { Expected = x => x[..Count] },

        new("shuffle_without_all_lanes", FindingKind.PartialWarp, 256, 1, (zoo, isBroken, x, y) =>
        {
            var value = x[ThreadIdx.X];
            var sum = Var(value);
            If(isBroken ? LaneId < 16 : LaneId < 32, () =>
            {
                zoo.Here(); sum += Isa.ShflSync(Shuffle.Butterfly, value, 1);
            });
            y[ThreadIdx.X] = sum;
        })
        { Expected = x => [.. Enumerable.Range(0, Count).Select(i => x[i] + x[i ^ 1])] },

        new("blocks_write_the_same_place", FindingKind.Race, 128, 3, (zoo, isBroken, x, y) =>
        {
            var i = BlockIdx.X * (isBroken ? 64 : 128) + ThreadIdx.X;
            When(i < Count, () =>
            {
                zoo.Here(); y[i] = x[i];
            });
        })
        { Expected = x => x[..Count] },

        new("in_place_neighbour", FindingKind.Race, 256, 1, (zoo, isBroken, x, y) =>
        {
            y[ThreadIdx.X] = x[ThreadIdx.X];
            Barrier();
            var neighbour = y[ThreadIdx.X ^ 32];
            if (!isBroken) Barrier();
            zoo.Here(); y[ThreadIdx.X] = neighbour;
        })
        { Expected = x => [.. Enumerable.Range(0, Count).Select(i => x[i ^ 32])] },
    ];
}
