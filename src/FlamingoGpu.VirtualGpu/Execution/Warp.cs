using System.Numerics;
using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Thirty-two threads: their registers side by side, which of them are where (a stack of branch sides that meet again
/// at the branch's post-dominator), their pending asynchronous copies, and what the warp knows of other warps.
/// </summary>
internal sealed unsafe class Warp : IDisposable
{
    public const int Size = 32;
    public const uint Full = uint.MaxValue;

    /// <summary>1, 2, 4, 8 and 16 lanes.</summary>
    public const int Distances = 5;
    public const uint ClockMask = (1u << 21) - 1;

    /// <summary>The highest clock; the one above marks copies that are under way.</summary>
    public const uint LastClock = ClockMask - 1;

    /// <summary>A NaN as f32, and in each half as f16 and bf16: what registers hold before they are written.</summary>
    private const uint RegisterPoison = 0x7FBF7FBF;

    private readonly NativeBytes _registers;
    private readonly NativeBytes _shadows;
    private readonly NativeBytes _scratch;
    private readonly NativeBytes _local;
    private readonly NativeBytes _localShadow;
    private readonly uint _born;
    private readonly Stack<(int Pc, int Rejoin, uint Mask)> _sides = [];
    private readonly List<AsyncCopies> _copies = [];
    private readonly Stack<AsyncCopies> _spare = [];
    private readonly int[] _groups = new int[Size];

    public Warp(Block block, int index, int threads)
    {
        Block = block;
        Index = index;
        var program = block.Run.Program;
        _born = threads == Size ? Full : (1u << threads) - 1;
        _registers = new NativeBytes(program.RegisterUnits * 4L);
        _shadows = new NativeBytes(program.ShadowCount * 4L);
        _scratch = new NativeBytes((Size * 8 * 3) + 64);
        _local = new NativeBytes((long)program.Kernel.LocalByteLength * Size);
        _localShadow = new NativeBytes((long)program.Kernel.LocalByteLength * Size);
        R = (uint*)_registers.Pointer;
        Poison = (uint*)_shadows.Pointer;
        Addresses = (ulong*)_scratch.Pointer;
        Pointers = (byte**)(_scratch.Pointer + (Size * 8));
        Shadows = (byte**)(_scratch.Pointer + (Size * 16));
        EqualAt = (uint*)(_scratch.Pointer + (Size * 24));
        Clocks = new uint[block.Warps.Length];
        ProxyClocks = new uint[block.Warps.Length];
        if (program.MatrixRegisters.Length > 0)
        {
            Products = new MatrixQueue(this);
            Matrix = new MatrixRegisters(program);
        }

        foreach (var (slot, bits, laneBytes) in program.Literals) FillLiteral(slot, bits, laneBytes);
        foreach (var (slot, name) in program.Specials) FillSpecial(slot, name);
    }

    public Block Block { get; }

    public int Index { get; }

    /// <summary>The register file; see <see cref="Slot"/>.</summary>
    public uint* R { get; }

    /// <summary>For each shadow index the lanes whose value was never written.</summary>
    public uint* Poison { get; }

    /// <summary>Of the access under way: addresses by lane.</summary>
    public ulong* Addresses { get; }

    /// <summary>Of the access under way: host pointers by lane.</summary>
    public byte** Pointers { get; }

    /// <summary>Of the access under way: shadow bytes by lane, null where memory has none.</summary>
    public byte** Shadows { get; }

    /// <summary>Of the access under way: true when one allocation, or shared memory, holds all lanes.</summary>
    public bool IsOneAllocation { get; set; }

    /// <summary>Of the access under way: how its addresses lie.</summary>
    public AddressPattern Pattern { get; set; }

    /// <summary>Of the access under way: for each distance the lanes whose address the lane so much later has too;
    /// known for whole warps only.</summary>
    public uint* EqualAt { get; }

    /// <summary>Of the access under way: lanes whose address no other lane before them has, as far as known.</summary>
    public uint Distinct { get; set; }

    /// <summary>Of the access under way: those distinct lanes whose address a later lane has too.</summary>
    public uint Repeated { get; set; }

    /// <summary>Of the global access under way, when <see cref="IsOneAllocation"/>.</summary>
    public Allocation? Allocation { get; set; }

    public byte* Local => _local.Pointer;

    public byte* LocalShadow => _localShadow.Pointer;

    /// <summary>Threads that are together at <see cref="Pc"/>.</summary>
    public uint Active { get; private set; }

    /// <summary>Threads that have not ended.</summary>
    public uint Live { get; private set; }

    public int Pc { get; set; }

    public bool IsDone => Live == 0;

    /// <summary>The barrier this warp stands at, or -1.</summary>
    public int WaitingOn { get; set; } = -1;

    public Op? WaitingAt { get; set; }

    public (int Votes, int Voters) BarrierVotes { get; set; }

    /// <summary>For each warp of the block the clock up to which its accesses happened before now.</summary>
    public uint[] Clocks { get; }

    /// <summary>For each warp of the block the clock up to which its writes of shared memory are known here and were
    /// fenced for the async proxy by their writer.</summary>
    public uint[] ProxyClocks { get; }

    /// <summary>Warpgroup products under way; null when the kernel has none.</summary>
    public MatrixQueue? Products { get; }

    /// <summary>What happened to the registers of such products; null when the kernel has none.</summary>
    public MatrixRegisters? Matrix { get; }

    /// <summary>The block's time when this warp last reached a point where others may learn what it did.</summary>
    public uint Clock { get; private set; }

    /// <summary>What is known of other blocks.</summary>
    public Knowledge? Known { get; set; }

    /// <summary>What the last fence made ready to be published by a strong write.</summary>
    public Knowledge? Fenced { get; set; }

    /// <summary>What strong reads have seen published, to become known at the next fence.</summary>
    public Knowledge? Acquirable { get; set; }

    /// <summary>True unless the launch started early and this warp has not waited for the work in front.</summary>
    public bool HasWaited { get; set; }

    private int Rejoin { get; set; }

    public void Start()
    {
        var run = Block.Run;
        new Span<uint>(R, run.Program.VariableUnits).Fill(RegisterPoison);
        new Span<uint>(Poison, run.Program.ShadowCount).Fill(Full);
        Poison[0] = 0;
        _local.Fill(Allocation.PoisonByte);
        _localShadow.Fill(1);
        foreach (var (slot, name) in run.Program.Specials)
        {
            if (name.StartsWith("%ctaid", StringComparison.Ordinal)) FillSpecial(slot, name);
        }

        Active = Live = _born;
        Pc = 0;
        Rejoin = -1;
        _sides.Clear();
        foreach (var copies in _copies) _spare.Push(copies);
        _copies.Clear();
        Array.Clear(_groups);
        Array.Clear(Clocks);
        Array.Clear(ProxyClocks);
        Products?.Clear();
        Matrix?.Clear();
        Tick();
        WaitingOn = -1;
        WaitingAt = null;
        Known = Fenced = Acquirable = null;
        HasWaited = !run.Chain.StartsEarly;
    }

    public void Report(FindingKind kind, Op op, int lane, ulong address, string message) =>
        Block.Run.Log.Report(kind, op, this, lane, address, message);

    /// <summary>Begins a new time for this warp: earlier accesses of its lanes are ordered before later ones.</summary>
    public void Tick()
    {
        Clock = Block.Tick();
        Clocks[Index] = Clock;
    }

    /// <summary>Makes the warp's writes so far visible to the async proxy of those who learn of them.</summary>
    public void FenceProxy()
    {
        ProxyClocks[Index] = Clock;
        Tick();
    }

    public Knowledge Snapshot()
    {
        var knowledge = Knowledge.Of(Block.Index, Clocks, Known);
        Tick();
        return knowledge;
    }

    public void Learn(Knowledge? knowledge)
    {
        if (knowledge is null) return;
        Known = Knowledge.Join(Known, knowledge);
        var clocks = knowledge.ClocksOf(Block.Index);
        for (var i = 0; i < clocks.Length; i++)
        {
            if (i != Index) Clocks[i] = Math.Max(Clocks[i], clocks[i]);
        }
    }

    /// <summary>Runs up to <paramref name="quantum"/> instructions; stops early at a barrier or at the end.</summary>
    public int Step(int quantum)
    {
        var run = Block.Run;
        var ops = run.Program.Ops;
        var counts = run.Counts;
        if (WaitingAt is { } resumed)
        {
            WaitingAt = null;
            resumed.Resume(this);
        }

        var executed = 0;
        while (executed < quantum && Live != 0 && WaitingOn < 0)
        {
            if (Pc == Rejoin)
            {
                TakeNextSide();
                continue;
            }

            ref var count = ref counts[Pc];
            var op = ops[Pc++];
            executed++;
            var mask = Active;
            if (op.IsGuarded)
            {
                var unknown = Poison[op.Guard.Shadow] & mask;
                if (unknown != 0) ReportUninitialised(op, unknown, "the guard");
                var guard = R[op.Guard.Offset];
                mask &= op.IsGuardNegated ? ~guard : guard;
                if (mask == 0) continue;
            }

            count.WarpExecutions++;
            count.LaneExecutions += BitOperations.PopCount(mask);
            if (op.MatrixRegisters is { } touched) Matrix!.Touch(this, op, touched);
            op.Run(this, mask);
            if (run.IsAborted) break;
        }

        return executed;
    }

    public void ReportUninitialised(Op op, uint lanes, string what) => Report(
        FindingKind.UninitialisedUse, op, BitOperations.TrailingZeroCount(lanes), 0,
            $"{what} depends on a value that was never written.");

    /// <summary>Sends the lanes of <paramref name="taken"/> to a target, the other active ones on to the next
    /// instruction.</summary>
    public void Branch(uint taken, int target, int rejoin)
    {
        var others = Active & ~taken;
        if (others == 0)
        {
            Pc = target;
            return;
        }

        var next = Pc;
        if (rejoin >= 0 && rejoin != Rejoin) _sides.Push((rejoin, Rejoin, Active));
        var first = (Pc: target, Rejoin: rejoin, Mask: taken);
        var second = (Pc: next, Rejoin: rejoin, Mask: others);
        if (Block.Run.Random.Next(2) == 0) (first, second) = (second, first);
        if (first.Pc == rejoin) (first, second) = (second, first);
        if (second.Pc != rejoin) _sides.Push(second);
        (Pc, Rejoin, Active) = first;
    }

    /// <summary>Ends the lanes of <paramref name="mask"/>.</summary>
    public void Exit(uint mask)
    {
        Live &= ~mask;
        Active &= ~mask;
        if (Live == 0) Products?.End();
        else if (Active == 0) TakeNextSide();
    }

    /// <summary>Room for the copies of one instruction.</summary>
    public AsyncCopies TakeCopies(Op op, int bytes)
    {
        if (!_spare.TryPop(out var copies)) copies = new AsyncCopies();
        copies.Op = op;
        copies.Bytes = bytes;
        return copies;
    }

    /// <summary>Queues the copies of the named lanes, each in the lane's group that is open now.</summary>
    public void Begin(AsyncCopies copies, uint lanes)
    {
        copies.Pending = lanes;
        Array.Copy(_groups, copies.Groups, Size);
        _copies.Add(copies);
    }

    /// <summary>The allocation a lane of the global access under way points into.</summary>
    public Allocation AllocationOf(int lane) =>
        IsOneAllocation ? Allocation! : Block.Run.Heap.Find(Addresses[lane])!;

    public ref OpCounts CountsOf(Op op) => ref Block.Run.Counts[op.Index];

    public void CommitGroup(uint mask)
    {
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1) _groups[BitOperations.TrailingZeroCount(lanes)]++;
    }

    /// <summary>
    /// Delivers, for each lane, all but its newest <paramref name="allowed"/> committed groups; with -1 also what was
    /// never committed.
    /// </summary>
    public void WaitGroups(uint mask, int allowed)
    {
        var kept = 0;
        for (var i = 0; i < _copies.Count; i++)
        {
            var copies = _copies[i];
            var ready = mask & copies.Pending;
            for (var lanes = ready; lanes != 0 && allowed >= 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                if (copies.Groups[lane] >= _groups[lane] - allowed) ready &= ~(1u << lane);
            }

            copies.Deliver(this, ready);
            copies.Pending &= ~ready;
            if (copies.Pending == 0) _spare.Push(copies);
            else _copies[kept++] = copies;
        }

        _copies.RemoveRange(kept, _copies.Count - kept);
    }

    public void Dispose()
    {
        _registers.Dispose();
        _shadows.Dispose();
        _scratch.Dispose();
        _local.Dispose();
        _localShadow.Dispose();
    }

    private void TakeNextSide()
    {
        while (_sides.Count > 0)
        {
            var (pc, rejoin, mask) = _sides.Pop();
            if ((mask & Live) == 0) continue;
            (Pc, Rejoin, Active) = (pc, rejoin, mask & Live);
            return;
        }

        // Every side has met again or ended.
        Rejoin = -1;
    }

    private void FillLiteral(Slot slot, ulong bits, int laneBytes)
    {
        if (laneBytes == 8) new Span<ulong>(R + slot.Offset, Size).Fill(bits);
        else if (laneBytes == 4) new Span<uint>(R + slot.Offset, Size).Fill((uint)bits);
        else R[slot.Offset] = bits == 0 ? 0 : Full;
    }

    private void FillSpecial(Slot slot, string name)
    {
        for (var lane = 0; lane < Size; lane++) R[slot.Offset + lane] = Special(name, lane);
    }

    private uint Special(string name, int lane)
    {
        var run = Block.Run;
        var thread = (Index * Size) + lane;
        return name switch
        {
            "%tid.x" => (uint)(thread % run.BlockExtents.X),
            "%tid.y" => (uint)(thread / run.BlockExtents.X % run.BlockExtents.Y),
            "%tid.z" => (uint)(thread / run.BlockExtents.X / run.BlockExtents.Y),
            "%ntid.x" => (uint)run.BlockExtents.X,
            "%ntid.y" => (uint)run.BlockExtents.Y,
            "%ntid.z" => (uint)run.BlockExtents.Z,
            "%ctaid.x" => (uint)Block.Position.X,
            "%ctaid.y" => (uint)Block.Position.Y,
            "%ctaid.z" => (uint)Block.Position.Z,
            "%nctaid.x" => (uint)run.GridExtents.X,
            "%nctaid.y" => (uint)run.GridExtents.Y,
            "%nctaid.z" => (uint)run.GridExtents.Z,
            "%laneid" => (uint)lane,
            "%warpid" => (uint)Index,
            "%lanemask_eq" => 1u << lane,
            "%lanemask_lt" => (1u << lane) - 1,
            "%lanemask_le" => (uint)((2UL << lane) - 1),
            "%lanemask_gt" => ~(uint)((2UL << lane) - 1),
            "%lanemask_ge" => ~((1u << lane) - 1),
            "%dynamic_smem_size" => (uint)run.DynamicSharedBytes,
            _ => throw new Core.DeviceException($"virtual device: the special register {name} has no value here."),
        };
    }
}
