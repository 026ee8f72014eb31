using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class Isa
{
    /// <summary>
    /// <c>cp.async.cg.shared.global … 16</c>: starts a copy of 16 bytes to shared memory, past the first-level cache.
    /// </summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="destination">Where to; aligned to 16 bytes.</param>
    /// <param name="source">Where from; aligned to 16 bytes.</param>
    /// <param name="sourceBytes">How many bytes to read, 0 to 16; the rest is filled with zeros. Null reads all
    /// 16.</param>
    /// <param name="policy">A cache policy; raises the version to PTX ISA 7.4.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void CpAsyncCg16<T>(Shared<T> destination, Ptr<T> source, S32? sourceBytes = null, U64? policy = null,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Copy(Emitter.At(line, file), "cp.async.cg.shared.global", 16, destination, source, sourceBytes, policy);

    /// <summary>
    /// <c>cp.async.ca.shared.global</c>: starts a copy of 4, 8 or 16 bytes to shared memory, through all caches.
    /// </summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="destination">Where to; aligned to <paramref name="bytes"/>.</param>
    /// <param name="source">Where from; aligned to <paramref name="bytes"/>.</param>
    /// <param name="bytes">4, 8 or 16.</param>
    /// <param name="sourceBytes">How many bytes to read; the rest is filled with zeros. Null reads all.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void CpAsyncCa<T>(Shared<T> destination, Ptr<T> source, int bytes, S32? sourceBytes = null,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        if (bytes is not (4 or 8 or 16)) emitter.Fail($"cp.async copies 4, 8 or 16 bytes, not {bytes}.");
        Copy(emitter, "cp.async.ca.shared.global", bytes, destination, source, sourceBytes, null);
    }

    /// <summary>
    /// <c>cp.async.commit_group</c>: the copies this thread started since the last one become a group.
    /// </summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void CpAsyncCommitGroup([CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        emitter.Emit("cp.async.commit_group");
        emitter.CopiesCommitted();
    }

    /// <summary>
    /// <c>cp.async.wait_group</c>: waits until at most <paramref name="pending"/> of this thread's newest groups are
    /// under
    /// way. Other threads see the data only after a barrier as well.
    /// </summary>
    /// <param name="pending">Groups that may still be under way.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void CpAsyncWaitGroup(int pending, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        if (pending < 0) emitter.Fail($"{pending} groups cannot be under way.");
        emitter.Emit("cp.async.wait_group", Slot.From(Operand.Of((long)pending)));
        emitter.CopiesAwaited(isForUncommittedToo: false);
    }

    /// <summary><c>cp.async.wait_all</c>: waits for every copy of this thread, committed or not.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void CpAsyncWaitAll([CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        emitter.Emit("cp.async.wait_all");
        emitter.CopiesAwaited(isForUncommittedToo: true);
    }

    private static void Copy<T>(
        Emitter emitter, string mnemonic, int bytes, Shared<T> destination, Ptr<T> source, S32? sourceBytes,
        U64? policy)
        where T : struct, IDeviceValue<T>
    {
        List<Slot> slots = [At(destination), At(source), Slot.From(Operand.Of((long)bytes))];
        if (sourceBytes is { } size) slots.Add(Slot.From(size.Operand));
        if (policy is { } hint)
        {
            mnemonic += ".L2::cache_hint";
            slots.Add(Slot.From(hint.Operand));
            emitter.Require(PtxTarget.CacheHints);
        }

        emitter.Emit(mnemonic, [.. slots]);
        emitter.CopyStarted();
    }
}
