using System.Runtime.Intrinsics;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>An instruction that all threads of four warps must execute, though not at the same time.</summary>
internal abstract class WarpgroupOp : WholeWarpOp
{
    /// <summary>Checks that the warp is whole and does what the other warps of its group do.</summary>
    protected bool Join(Warp warp, uint mask, ulong left = 0, ulong right = 0, bool accumulates = false)
    {
        const int Threads = Warpgroup.Warps * Warp.Size;
        if (!IsWhole(warp, mask)) return false;
        if (warp.Block.Run.BlockExtents.Count % Threads != 0)
        {
            warp.Report(FindingKind.WarpgroupMismatch, this, -1, 0,
                $"a block of {warp.Block.Run.BlockExtents.Count} threads is not made of warpgroups of {Threads}.");
        }
        else if (warp.Block.Warpgroups[warp.Index / Warpgroup.Warps].Join(warp, this, left, right, accumulates))
        {
            return true;
        }

        warp.Block.Run.Abort();
        return false;
    }
}

/// <summary><c>wgmma.fence</c>: registers touched so far may be taken by products.</summary>
internal sealed class WarpgroupFenceOp : WarpgroupOp
{
    public override void Run(Warp warp, uint mask)
    {
        if (Join(warp, mask)) warp.Matrix?.Fence();
    }
}

/// <summary><c>wgmma.commit_group</c>.</summary>
internal sealed class WarpgroupCommitOp : WarpgroupOp
{
    public override void Run(Warp warp, uint mask)
    {
        if (Join(warp, mask)) warp.Products?.Commit();
    }
}

/// <summary><c>wgmma.wait_group</c>: waits for all but the newest groups.</summary>
internal sealed class WarpgroupWaitOp(int allowed) : WarpgroupOp
{
    public override void Run(Warp warp, uint mask)
    {
        if (Join(warp, mask)) warp.Products?.Wait(allowed);
    }
}

/// <summary><c>fence.proxy.async</c>: what the warp wrote to shared memory may be read by products of those who learn
/// of it at a barrier. Executed by a part of the warp it covers nothing.</summary>
internal sealed class ProxyFenceOp : Op
{
    public override void Run(Warp warp, uint mask)
    {
        if (mask == warp.Live) warp.FenceProxy();
    }
}

/// <summary>
/// <c>wgmma.mma_async.m64nNk16</c> on 16-bit floats, of which each warp computes 16 rows: of the warpgroup's warp w the
/// rows from 16w on, with A, sums and rounding as in <see cref="MatrixMultiplyFloat"/>, four registers of D for each
/// eight columns. B and, without <paramref name="a"/>, A come from shared memory; whose tensor core reads which rows of
/// A is the hardware's affair, so for races each warp's part reads all 64.
/// </summary>
internal sealed unsafe class WarpgroupMultiplyOp(
    Slot[] d, Slot[]? a, Slot? leftDescriptor, Slot rightDescriptor, Slot scale, bool isBrain, bool isMnMajor,
    int[] accumulators, int[] fragment) : WarpgroupOp
{
    private const int RegistersOfBlock = 4;
    private const int Chunks = MatrixDescriptor.BlockChunks;
    private const int LeftBlocks = FloatTile.M / FloatTile.N;
    private const int LeftChunks = LeftBlocks * Chunks;
    private const int AllLeftChunks = Warpgroup.Warps * LeftChunks;
    private const int BankRowBytes = 128;

    private readonly int _blocks = d.Length / RegistersOfBlock;

    public override void Run(Warp warp, uint mask)
    {
        if (!IsWhole(warp, mask)) return;
        var (left, right) = (leftDescriptor is { } slot ? Uniform(warp, slot) : 0, Uniform(warp, rightDescriptor));
        var scales = warp.R[scale.Offset];
        if (warp.Poison[scale.Shadow] != 0) warp.ReportUninitialised(this, warp.Poison[scale.Shadow], "scale-d");
        if (left is null || right is null || scales is not (0 or Warp.Full))
        {
            warp.Report(FindingKind.WarpgroupMismatch, this, -1, 0,
                "the lanes of the warp give different descriptors or scale-d.");
            return;
        }

        if (Join(warp, mask, left.Value, right.Value, scales != 0)) Issue(warp, left.Value, right.Value, scales != 0);
    }

    /// <summary>Gives the registers back after the wait.</summary>
    public void Release(Warp warp)
    {
        warp.Matrix!.Release(accumulators);
        warp.Matrix.Release(fragment);
    }

    /// <summary>Computes D from what shared memory and registers hold now.</summary>
    public void Compute(Warp warp, MatrixProduct product)
    {
        var left = stackalloc double[FloatTile.M * FloatTile.K];
        var right = stackalloc double[FloatTile.K * FloatTile.N];
        var sums = stackalloc double[FloatTile.M * FloatTile.N];
        var words = stackalloc uint[4 * Chunks];
        var rows = LoadLeft(warp, product, left, words);
        var first = a is null ? AllLeftChunks : 0;
        for (var block = 0; block < _blocks; block++)
        {
            var columns = LoadRight(warp, product.Chunks.AsSpan(first + (block * Chunks), Chunks), right, words);
            var own = d.AsSpan(block * RegistersOfBlock, RegistersOfBlock);
            if (product.Accumulates) LoadSums(warp, own, sums);
            else new Span<double>(sums, FloatTile.M * FloatTile.N).Clear();
            FloatTile.Multiply(left, right, sums);
            MatrixPoison.Spread(warp, rows, columns, product.Accumulates ? own : [], own, isHalfSum: false);
            Store(warp, own, sums);
        }
    }

    private void Issue(Warp warp, ulong left, ulong right, bool accumulates)
    {
        var (a0, b0) = (new MatrixDescriptor(left), new MatrixDescriptor(right));
        var isFromShared = a is null;
        if (isFromShared && !IsGood(warp, a0, Warpgroup.Warps * LeftBlocks, isMnMajorHere: false, "A")) return;
        if (!IsGood(warp, b0, _blocks, isMnMajor, "B")) return;
        var leftChunks = isFromShared ? AllLeftChunks : 0;
        var product = warp.Products!.Take(leftChunks + (_blocks * Chunks));
        product.Op = this;
        product.Accumulates = accumulates;
        a0.Chunks(product.Chunks.AsSpan(0, leftChunks), isMnMajor: false);
        b0.Chunks(product.Chunks.AsSpan(leftChunks), isMnMajor);
        foreach (var chunk in product.Chunks)
        {
            if (chunk + MatrixDescriptor.ChunkBytes <= warp.Block.Shared.Length) continue;
            warp.Report(FindingKind.OutOfBounds, this, -1, chunk,
                $"the descriptors reach shared offset {chunk}, outside the block's {warp.Block.Shared.Length} bytes.");
            return;
        }

        warp.Matrix!.Take(warp, this, accumulators, d.Length * 2);
        warp.Matrix.Take(warp, this, fragment, 0);
        Count(warp, isFromShared ? LeftChunks : 0);
        warp.Products.Issue(product);
    }

    private bool IsGood(Warp warp, MatrixDescriptor descriptor, int blocks, bool isMnMajorHere, string name)
    {
        if (descriptor.Problem(blocks, isMnMajorHere) is not { } problem) return true;
        warp.Report(problem.Kind, this, -1, descriptor.Start, $"the descriptor of {name}: {problem.Message}");
        return false;
    }

    /// <summary>Each warp reads its rows of A, and one of four the columns of B for all; core matrices have no bank
    /// conflicts.</summary>
    private void Count(Warp warp, int leftChunks)
    {
        ref var counts = ref warp.CountsOf(this);
        var bytes = (leftChunks + (_blocks * Chunks / Warpgroup.Warps)) * MatrixDescriptor.ChunkBytes;
        counts.SharedBytes += bytes;
        counts.Wavefronts += bytes / BankRowBytes;
        counts.IdealWavefronts += bytes / BankRowBytes;
    }

    private ulong? Uniform(Warp warp, Slot slot)
    {
        if (warp.Poison[slot.Shadow] != 0)
            warp.ReportUninitialised(this, warp.Poison[slot.Shadow], "a matrix descriptor");
        var lanes = new ReadOnlySpan<ulong>(warp.R + slot.Offset, Warp.Size);
        return lanes.IndexOfAnyExcept(lanes[0]) < 0 ? lanes[0] : null;
    }

    /// <summary>The warp's 16 rows of A; the result is a bit for each row with an unknown value.</summary>
    private uint LoadLeft(Warp warp, MatrixProduct product, double* left, uint* words)
    {
        const int Register = 2 * Warp.Size;
        if (a is not null)
        {
            for (var r = 0; r < a.Length; r++)
                FloatTile.LoadLeft(warp.R + a[r].Offset, left + (Register * r), isBrain);
            return MatrixPoison.RowsOf(warp, a);
        }

        uint unknown = 0;
        for (var half = 0; half < LeftBlocks; half++)
        {
            var chunks = product.Chunks.AsSpan((warp.Index % Warpgroup.Warps * LeftChunks) + (half * Chunks), Chunks);
            if (Gather(warp, chunks, words)) unknown |= UnknownRows(warp, chunks) << (FloatTile.N * half);
            FloatTile.LoadLeft(words, left + (Register * half), isBrain);
            FloatTile.LoadLeft(words + Warp.Size, left + (Register * (2 + half)), isBrain);
        }

        return unknown;
    }

    /// <summary>Eight columns of B; the result is a bit for each with an unknown value.</summary>
    private uint LoadRight(Warp warp, ReadOnlySpan<uint> chunks, double* right, uint* words)
    {
        var isUnknown = Gather(warp, chunks, words);
        for (var half = 0; half < 2; half++)
        {
            var from = words + (Warp.Size * half);
            var to = right + (FloatTile.N * FloatTile.N * half);
            if (isMnMajor) FloatTile.LoadRightRows(from, to, isBrain);
            else FloatTile.LoadRight(from, to, isBrain);
        }

        if (!isUnknown) return 0;
        return isMnMajor ? UnknownColumns(warp, chunks) : UnknownRows(warp, chunks);
    }

    /// <summary>The bytes of a block, chunk after chunk; true when some were never written.</summary>
    private static bool Gather(Warp warp, ReadOnlySpan<uint> chunks, uint* words)
    {
        var shared = warp.Block.Shared;
        var shadow = Vector128<byte>.Zero;
        for (var i = 0; i < Chunks; i++)
        {
            Vector128.Load((uint*)(shared.Data + chunks[i])).Store(words + (4 * i));
            shadow |= Vector128.Load(shared.Shadow + chunks[i]);
        }

        return shadow != Vector128<byte>.Zero;
    }

    private static uint UnknownRows(Warp warp, ReadOnlySpan<uint> chunks)
    {
        uint rows = 0;
        for (var i = 0; i < Chunks; i++)
        {
            var isUnknown = Vector128.Load(warp.Block.Shared.Shadow + chunks[i]) != Vector128<byte>.Zero;
            rows |= (isUnknown ? 1u : 0) << (i % FloatTile.N);
        }

        return rows;
    }

    private static uint UnknownColumns(Warp warp, ReadOnlySpan<uint> chunks)
    {
        var shadow = Vector128<ushort>.Zero;
        foreach (var chunk in chunks) shadow |= Vector128.Load((ushort*)(warp.Block.Shared.Shadow + chunk));
        return ~Vector128.Equals(shadow, Vector128<ushort>.Zero).ExtractMostSignificantBits() & 0xFF;
    }

    private static void LoadSums(Warp warp, ReadOnlySpan<Slot> own, double* sums)
    {
        for (var row = 0; row < FloatTile.M; row++)
        {
            var (half, group) = (row / FloatTile.N, row % FloatTile.N);
            FloatTile.Load((float*)(warp.R + own[2 * half].Offset) + (4 * group),
                (float*)(warp.R + own[(2 * half) + 1].Offset) + (4 * group)).Store(sums + (FloatTile.N * row));
        }
    }

    private static void Store(Warp warp, ReadOnlySpan<Slot> own, double* sums)
    {
        for (var row = 0; row < FloatTile.M; row++)
        {
            var (half, group) = (row / FloatTile.N, row % FloatTile.N);
            FloatTile.Store(sums + (FloatTile.N * row), (float*)(warp.R + own[2 * half].Offset) + (4 * group),
                (float*)(warp.R + own[(2 * half) + 1].Offset) + (4 * group));
        }
    }
}
