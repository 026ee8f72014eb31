using System.Globalization;
using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// Matrix instructions of a warpgroup, four warps of which the first has a number divisible by four; compute capability
/// 9.0 only (<c>sm_90a</c>, PTX ISA 8.0). They run asynchronously: their sums and the shared memory they read must not
/// be touched until a wait.
/// </summary>
public static partial class Isa
{
    /// <summary>
    /// <c>wgmma.fence.sync.aligned</c>: orders this warpgroup's accesses of registers before the next
    /// <c>wgmma.mma_async</c>.
    /// </summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void WgmmaFence([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Warpgroup(line, file).Emit("wgmma.fence.sync.aligned");

    /// <summary>
    /// <c>wgmma.mma_async.sync.aligned.m64nNk16.f32</c>: starts d = a·b + d of a warpgroup, bf16 or f16 products summed
    /// in f32, both factors in shared memory. N is twice the number of variables of <paramref name="d"/>.
    /// </summary>
    /// <typeparam name="T"><see cref="BF16"/> or <see cref="F16"/>.</typeparam>
    /// <param name="d">
    /// The 64×N accumulator of this lane: N/2 variables, updated in place. Warp w of the group has rows 16w to 16w + 15,
    /// spread over its lanes as <see cref="MmaSyncM16N8K16RowColF32{T}"/> does, 8 columns after the other.
    /// </param>
    /// <param name="a">Describes the 64×16 factor, its rows along the inner axis.</param>
    /// <param name="b">Describes the factor of N columns.</param>
    /// <param name="isTransposed">False: b has a row of 16 for each column; true: it has 16 rows of N.</param>
    /// <param name="adds">False: d = a·b, whatever d was.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void WgmmaMmaAsyncM64K16<T>(ReadOnlySpan<Var<F32>> d, U64 a, U64 b, bool isTransposed = false, bool adds = true,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IMatrixElement<T> =>
        StartProduct<T>(
            Warpgroup(line, file), Registers(d), Slot.From(a.Operand), b, adds,
            [Slot.From(Operand.Of(0L)), Flag(isTransposed)]);

    /// <summary>As above, with the left factor in registers.</summary>
    /// <typeparam name="T"><see cref="BF16"/> or <see cref="F16"/>.</typeparam>
    /// <param name="d">The accumulator.</param>
    /// <param name="a">
    /// The 16×16 part of the factor that belongs to this warp's rows: 4 registers, as for
    /// <see cref="MmaSyncM16N8K16RowColF32{T}"/>; not to be touched until a wait either.
    /// </param>
    /// <param name="b">Describes the factor of N columns.</param>
    /// <param name="isTransposed">False: b has a row of 16 for each column; true: it has 16 rows of N.</param>
    /// <param name="adds">False: d = a·b, whatever d was.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void WgmmaMmaAsyncM64K16<T>(
        ReadOnlySpan<Var<F32>> d, ReadOnlySpan<B32> a, U64 b, bool isTransposed = false,
        bool adds = true, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IMatrixElement<T>
    {
        var emitter = Warpgroup(line, file);
        if (a.Length != 4) emitter.Fail($"the left factor of a warp is 4 registers, not {a.Length}.");
        StartProduct<T>(emitter, Registers(d), Slot.From(Operands(a)), b, adds, [Flag(isTransposed)]);
    }

    /// <summary>
    /// <c>wgmma.commit_group.sync.aligned</c>: the products started since the last one become a group.
    /// </summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void WgmmaCommitGroup([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Warpgroup(line, file).Emit("wgmma.commit_group.sync.aligned");

    /// <summary>
    /// <c>wgmma.wait_group.sync.aligned</c>: waits until at most <paramref name="pending"/> of the warpgroup's newest
    /// groups are under way.
    /// </summary>
    /// <param name="pending">Groups that may still be under way, 0 to 7.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void WgmmaWaitGroup(int pending, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Warpgroup(line, file);
        if (pending is < 0 or > 7) emitter.Fail($"0 to 7 groups can be under way, not {pending}.");
        emitter.Emit("wgmma.wait_group.sync.aligned", Slot.From(Operand.Of((long)pending)));
        if (pending == 0) emitter.ProductsAwaited();
    }

    /// <summary>
    /// <c>fence.proxy.async.shared::cta</c>: orders this thread's writes to shared memory, asynchronous copies that have
    /// arrived among them, before reads by <c>wgmma</c>. A barrier must follow for other threads.
    /// </summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void FenceProxyAsyncShared([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Warpgroup(line, file).Emit("fence.proxy.async.shared::cta");

    private static void StartProduct<T>(
        Emitter emitter, Operand[] d, Slot a, U64 b, bool adds, ReadOnlySpan<Slot> transpositions)
        where T : struct, IMatrixElement<T>
    {
        var columns = 2 * d.Length;
        if (columns is < 8 or > 256 || columns % 8 != 0)
            emitter.Fail($"a warpgroup makes 8 to 256 columns, a multiple of 8, not {columns}.");
        var type = T.Type.Name;
        var mnemonic = string.Create(
            CultureInfo.InvariantCulture, $"wgmma.mma_async.sync.aligned.m64n{columns}k16.f32.{type}.{type}");
        var one = Operand.Of(1L);
        var scale = emitter.Compute(
            RegisterKind.Predicate, adds ? "setp.eq.s32" : "setp.ne.s32", Operand.Of(0L), Operand.Of(0L));
        emitter.Emit(
            mnemonic,
            [Slot.Update(d), a, Slot.From(b.Operand), Slot.From(scale), Slot.From(one), Slot.From(one), .. transpositions]);
        emitter.ProductStarted();
    }

    private static Slot Flag(bool isSet) => Slot.From(Operand.Of(isSet ? 1L : 0L));

    private static Emitter Warpgroup(int line, string file)
    {
        var emitter = Emitter.At(line, file);
        emitter.Require(PtxTarget.Warpgroups);
        return emitter;
    }
}
