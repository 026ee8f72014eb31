using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A pipeline of shared memory stages: while one stage is used, the copies into the next ones are under way. The caller
/// says how a stage is filled and how it is used; groups, waits, barriers and the turning of the ring belong to the
/// ring, so
/// none can be forgotten. On sm_80 copies are <c>cp.async</c> groups.
/// </summary>
public sealed class Ring
{
    private readonly int _stages;
    private int _bytes;
    private int _start = -1;
    private bool _isClosed;

    /// <summary>A ring without tiles yet.</summary>
    /// <param name="stages">2 to 8: one in use, the others on their way.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public Ring(int stages, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        _stages = stages;
        var emitter = Emitter.At(line, file);
        if (stages is < 2 or > 8) emitter.Fail($"a ring has 2 to 8 stages, not {stages}.");
    }

    /// <summary>A tile of which every stage has its own copy.</summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="rows">Rows, a multiple of 8.</param>
    /// <param name="columns">Columns, a multiple of 16 bytes.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public SharedTile<T> Tile<T>(int rows, int columns,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        if (_isClosed) emitter.Fail("the ring runs already; declare its tiles before.");
        var tile = new SharedTile<T>(emitter, rows, columns);
        if (_start < 0) _start = tile.Offset;
        _bytes = tile.Offset + tile.Bytes - _start;
        return tile;
    }

    /// <summary>
    /// Runs the pipeline over <paramref name="count"/> steps: every step is filled once, ahead of time, and used
    /// once, in order. All threads of the block come here. Afterwards every copy has arrived, but other threads may
    /// still be using the last stages: a kernel that writes to the tiles then puts a barrier first.
    /// </summary>
    /// <param name="count">Steps, 0 or more; the same for all threads.</param>
    /// <param name="fill">Starts the copies of a step into a stage (<see cref="TileCopy{T}.Start"/>).</param>
    /// <param name="use">Uses a stage whose copies have arrived.</param>
    /// <param name="first">Starts copies outside the ring that arrive together with the first step's; they are not
    /// started when there is no step.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void Run(S32 count, Action<Stage, S32> fill, Action<Stage, S32> use, Action? first = null,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        var stageBytes = Close(emitter);
        Start(emitter, count, _stages - 1, stageBytes, fill, first, line, file);
        var filling = DeviceCode.Var((uint)((_stages - 1) * stageBytes), line, file);
        var inUse = DeviceCode.Var(0u, line, file);
        DeviceCode.For(0, count, 1, step =>
        {
            // Of the groups so far, all but the newest stages − 2 have arrived, so step's own has. The barrier shows
            // it to all threads, and tells that all are done with the stage that is filled next, the one of step − 1.
            Isa.CpAsyncWaitGroup(_stages - 2, line, file);
            Isa.BarSync(0, null, line, file);
            var ahead = step + (_stages - 1);
            DeviceCode.If(ahead < count, () => fill(new Stage(filling.Value), ahead), null, line, file);
            // Committed even when empty: the waits count groups.
            Isa.CpAsyncCommitGroup(line, file);
            use(new Stage(inUse.Value), step);
            Turn(filling, stageBytes, line, file);
            Turn(inUse, stageBytes, line, file);
        }, line, file);

        // The groups behind the last step's are empty.
        emitter.CopiesAwaited(isForUncommittedToo: false);
    }

    /// <summary>
    /// Runs the pipeline for warpgroup products, which read the stages asynchronously: the products of one step run while
    /// the next is prepared, so a stage is free again two steps later and copies are one step less ahead. All threads of
    /// the block come here. Afterwards all sums have arrived.
    /// </summary>
    /// <param name="count">Steps, 0 or more; the same for all threads.</param>
    /// <param name="fill">Starts the copies of a step into a stage.</param>
    /// <param name="use">Starts the products of a stage (<see cref="Accumulator.MultiplyAsync{T}(U64, U64, bool, bool, int,
    /// string)"/>); fence, commit and wait are the ring's.</param>
    /// <param name="first">Starts copies that arrive together with the first step's.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void RunAsync(S32 count, Action<Stage, S32> fill, Action<Stage, S32> use, Action? first = null,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        if (_stages < 3) emitter.Fail($"a ring of asynchronous products has 3 to 8 stages, not {_stages}.");
        var stageBytes = Close(emitter);
        var ahead = _stages - 2;
        Start(emitter, count, ahead, stageBytes, fill, first, line, file);
        var filling = DeviceCode.Var((uint)(ahead * stageBytes), line, file);
        var inUse = DeviceCode.Var(0u, line, file);
        DeviceCode.For(0, count, 1, step =>
        {
            // This thread's copies of the step have arrived; the fence shows them to the tensor cores, the barrier to all.
            // It also tells that every warpgroup has waited for the products of step − 2, whose stage is filled next.
            Isa.CpAsyncWaitGroup(ahead - 1, line, file);
            Isa.FenceProxyAsyncShared(line, file);
            Isa.BarSync(0, null, line, file);
            Isa.WgmmaFence(line, file);
            use(new Stage(inUse.Value), step);
            Isa.WgmmaCommitGroup(line, file);
            var next = step + ahead;
            DeviceCode.If(next < count, () => fill(new Stage(filling.Value), next), null, line, file);
            Isa.CpAsyncCommitGroup(line, file);
            Isa.WgmmaWaitGroup(1, line, file);
            Turn(filling, stageBytes, line, file);
            Turn(inUse, stageBytes, line, file);
        }, line, file);
        Isa.WgmmaWaitGroup(0, line, file);
        emitter.CopiesAwaited(isForUncommittedToo: false);
    }

    /// <summary>
    /// Runs a pipeline in which each step works with one part of its own and another part of the step before: a stage
    /// holds the leading part of step s and the lagging part of step s − 1. All threads of the block come here; a use
    /// is over when it returns. Shared memory is shown to the tensor cores before each.
    /// </summary>
    /// <param name="count">Steps, 0 or more; nothing is copied or used when there is none.</param>
    /// <param name="lead">Starts the copies of a step's leading part into a stage.</param>
    /// <param name="lag">Starts the copies of a step's lagging part, into the stage of the next step.</param>
    /// <param name="head">Uses the first stage, which has no lagging part.</param>
    /// <param name="body">Uses the stages of steps 1 to count − 1.</param>
    /// <param name="tail">Uses the stage behind the last step, which has no leading part.</param>
    /// <param name="first">Starts copies that arrive together with the first step's.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void RunSkewed(
        S32 count, Action<Stage, S32> lead, Action<Stage, S32> lag, Action<Stage> head, Action<Stage, S32> body,
        Action<Stage> tail, Action? first = null, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        ArgumentNullException.ThrowIfNull(lead);
        ArgumentNullException.ThrowIfNull(lag);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(tail);
        var emitter = Emitter.At(line, file);
        var stageBytes = Close(emitter);
        RequireNoCopies(emitter);
        var ahead = _stages - 1;
        // The step behind one that exists has a lagging part for sure.
        void Fill(Stage stage, S32 step, bool followsStep)
        {
            DeviceCode.If(step < count, () => lead(stage, step), null, line, file);
            if (followsStep) lag(stage, step - 1);
            else DeviceCode.If(step <= count, () => lag(stage, step - 1), null, line, file);
            Isa.CpAsyncCommitGroup(line, file);
        }

        void Arrive()
        {
            Isa.CpAsyncWaitGroup(ahead - 1, line, file);
            Isa.FenceProxyAsyncShared(line, file);
            Isa.BarSync(0, null, line, file);
        }

        DeviceCode.If(count > 0, () =>
        {
            first?.Invoke();
            lead(new Stage(0u), 0);
            Isa.CpAsyncCommitGroup(line, file);
            for (var step = 1; step < ahead; step++)
                Fill(new Stage((uint)(step * stageBytes)), step, followsStep: step == 1);
            Arrive();
            Fill(new Stage((uint)(ahead * stageBytes)), ahead, followsStep: ahead == 1);
            head(new Stage(0u));

            var filling = DeviceCode.Var(0u, line, file);
            var inUse = DeviceCode.Var((uint)stageBytes, line, file);
            DeviceCode.For(1, count, 1, step =>
            {
                Arrive();
                Fill(new Stage(filling.Value), step + ahead, followsStep: ahead == 1);
                body(new Stage(inUse.Value), step);
                Turn(filling, stageBytes, line, file);
                Turn(inUse, stageBytes, line, file);
            }, line, file);

            // Nothing is left to be copied.
            Arrive();
            tail(new Stage(inUse.Value));
        }, null, line, file);
        emitter.CopiesAwaited(isForUncommittedToo: false);
    }

    private static void Start(
        Emitter emitter, S32 count, int stages, int stageBytes, Action<Stage, S32> fill, Action? first, int line,
        string file)
    {
        RequireNoCopies(emitter);
        for (var stage = 0; stage < stages; stage++)
        {
            var offset = new Stage((uint)(stage * stageBytes));
            DeviceCode.If(count > stage, () =>
            {
                if (stage == 0) first?.Invoke();
                fill(offset, stage);
            }, null, line, file);
            Isa.CpAsyncCommitGroup(line, file);
        }
    }

    private static void RequireNoCopies(Emitter emitter)
    {
        if (emitter.AreCopiesUnderWay)
            emitter.Fail("copies are under way; wait for them, or start them as the ring's first.");
    }

    private int Close(Emitter emitter)
    {
        if (_start < 0) emitter.Fail("the ring has no tiles.");
        if (_isClosed) emitter.Fail("the ring runs a second time; make another one.");
        _isClosed = true;
        if (emitter.Shared.DynamicBytes != _start + _bytes)
            emitter.Fail(
                "shared memory was taken between the ring's tiles and Run; take it before the tiles or after Run.");
        var stageBytes = (_bytes + 1023) / 1024 * 1024;
        emitter.Shared.Carve((_stages - 1) * stageBytes, 1024);
        return stageBytes;
    }

    private void Turn(Var<U32> offset, int stageBytes, int line, string file)
    {
        var next = offset.Value + (uint)stageBytes;
        offset.Set(DeviceCode.Select(next == (uint)(_stages * stageBytes), 0u, next, line, file), line, file);
    }
}
