using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class Isa
{
    /// <summary>
    /// <c>bar.sync id{, threads}</c>: the threads of the block, or that many of them, meet and see each other's memory.
    /// </summary>
    /// <param name="id">One of the block's 16 barriers; 0 is the one of <see cref="DeviceCode.Barrier"/>.</param>
    /// <param name="threads">How many arrive in all, a multiple of 32; null for the whole block.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void BarSync(int id = 0, int? threads = null,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        if (threads is { } some) emitter.Emit("bar.sync", Id(id), Threads(some));
        else emitter.Emit("bar.sync", Id(id));
    }

    /// <summary><c>bar.arrive id, threads</c>: counts as arrived and goes on.</summary>
    /// <param name="id">One of the block's 16 barriers.</param>
    /// <param name="threads">How many arrive in all, a multiple of 32.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void BarArrive(int id, int threads,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Emitter.At(line, file).Emit("bar.arrive", Id(id), Threads(threads));

    /// <summary><c>bar.red.popc.u32</c>: the block meets and learns in how many threads the predicate holds.</summary>
    /// <param name="p">The predicate.</param>
    /// <param name="id">One of the block's 16 barriers.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 BarRedPopc(Pred p, int id = 0,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        var result = emitter.Define(RegisterKind.Bits32);
        emitter.Emit("bar.red.popc.u32", Slot.To(result), Id(id), Slot.From(p.Operand));
        return new S32(result);
    }

    /// <summary>
    /// <c>bar.red.or.pred</c>: the block meets and learns whether the predicate holds in some thread.
    /// </summary>
    /// <inheritdoc cref="BarRedPopc"/>
    public static Pred BarRedOr(Pred p, int id = 0,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        BarRed(Emitter.At(line, file), "bar.red.or.pred", p, id);

    /// <summary>
    /// <c>bar.red.and.pred</c>: the block meets and learns whether the predicate holds in every thread.
    /// </summary>
    /// <inheritdoc cref="BarRedPopc"/>
    public static Pred BarRedAnd(Pred p, int id = 0,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        BarRed(Emitter.At(line, file), "bar.red.and.pred", p, id);

    /// <summary>
    /// <c>fence.acq_rel.gpu</c>: orders this thread's memory accesses for every thread of the device.
    /// </summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void FenceAcqRelGpu([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Emitter.At(line, file).Emit("fence.acq_rel.gpu");

    /// <summary><c>fence.acq_rel.cta</c>: orders this thread's memory accesses for the threads of its block.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void FenceAcqRelCta([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Emitter.At(line, file).Emit("fence.acq_rel.cta");

    private static Pred BarRed(Emitter emitter, string mnemonic, Pred p, int id)
    {
        var result = emitter.Define(RegisterKind.Predicate);
        emitter.Emit(mnemonic, Slot.To(result), Id(id), Slot.From(p.Operand));
        return new Pred(result);
    }

    private static Slot Id(int id)
    {
        if (id is < 0 or > 15) Emitter.Current.Fail($"a block has the barriers 0 to 15, not {id}.");
        return Slot.From(Operand.Of((long)id));
    }

    private static Slot Threads(int threads)
    {
        var block = Emitter.Current.Block!.Value.Threads;
        if (threads < 32 || threads % 32 != 0 || threads > (block + 31) / 32 * 32)
            Emitter.Current.Fail(
                $"a barrier of {threads} threads: it must be a multiple of 32 within the block of {block}.");
        return Slot.From(Operand.Of((long)threads));
    }
}
