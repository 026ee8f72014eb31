using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class Isa
{
    /// <summary>Every lane of a warp, as the member mask of the <c>.sync</c> instructions.</summary>
    public const uint FullMask = 0xFFFFFFFF;

    /// <summary><c>shfl.sync.{bfly,idx,up,down}.b32</c>: the value another lane passes here.</summary>
    /// <typeparam name="T">A 32-bit type.</typeparam>
    /// <param name="mode">How the other lane is found.</param>
    /// <param name="value">What this lane passes.</param>
    /// <param name="lane">Distance, bits or number, as the mode says.</param>
    /// <param name="width">Lanes that exchange among themselves: 32, 16, 8, 4 or 2.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static T ShflSync<T>(Shuffle mode, T value, S32 lane, int width = 32,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        if (T.Type is not { Size: 4 }) emitter.Fail($"shfl moves 32-bit values, not {T.Type.Name}.");
        if (width is not (2 or 4 or 8 or 16 or 32))
            emitter.Fail($"shfl works in groups of 2 to 32 lanes, not {width}.");
        var clamp = ((32 - width) << 8) | (mode == Shuffle.Up ? 0 : 31);
        var name = mode switch
        {
            Shuffle.Butterfly => "bfly",
            Shuffle.Index => "idx",
            Shuffle.Up => "up",
            _ => "down",
        };
        var result = emitter.Define(T.Type.Kind);
        emitter.Emit(
            $"shfl.sync.{name}.b32", Slot.To(result), Slot.From(value.Operand), Slot.From(lane.Operand),
            Slot.From(Operand.Of((long)clamp)), Slot.From(Operand.Of((long)FullMask)));
        return T.From(result);
    }

    /// <summary><c>vote.sync.ballot.b32</c>: bit ℓ tells whether the predicate holds in lane ℓ.</summary>
    /// <param name="p">The predicate.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32 VoteSyncBallot(Pred p, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Vote(Emitter.At(line, file), "vote.sync.ballot.b32", RegisterKind.Bits32, p));

    /// <summary><c>vote.sync.any.pred</c>: whether the predicate holds in some lane.</summary>
    /// <inheritdoc cref="VoteSyncBallot"/>
    public static Pred VoteSyncAny(Pred p, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Vote(Emitter.At(line, file), "vote.sync.any.pred", RegisterKind.Predicate, p));

    /// <summary><c>vote.sync.all.pred</c>: whether the predicate holds in every lane.</summary>
    /// <inheritdoc cref="VoteSyncBallot"/>
    public static Pred VoteSyncAll(Pred p, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Vote(Emitter.At(line, file), "vote.sync.all.pred", RegisterKind.Predicate, p));

    /// <summary><c>redux.sync.add.s32</c>: the sum over the warp, in every lane.</summary>
    /// <param name="value">This lane's part.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 ReduxSyncAdd(S32 value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Redux(Emitter.At(line, file), "redux.sync.add.s32", value.Operand));

    /// <summary><c>redux.sync.max.s32</c>: the largest of the warp, in every lane.</summary>
    /// <inheritdoc cref="ReduxSyncAdd"/>
    public static S32 ReduxSyncMax(S32 value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Redux(Emitter.At(line, file), "redux.sync.max.s32", value.Operand));

    /// <summary><c>redux.sync.min.s32</c>: the smallest of the warp, in every lane.</summary>
    /// <inheritdoc cref="ReduxSyncAdd"/>
    public static S32 ReduxSyncMin(S32 value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Redux(Emitter.At(line, file), "redux.sync.min.s32", value.Operand));

    /// <summary><c>redux.sync.max.u32</c>: the largest of the warp, in every lane.</summary>
    /// <inheritdoc cref="ReduxSyncAdd"/>
    public static U32 ReduxSyncMax(U32 value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Redux(Emitter.At(line, file), "redux.sync.max.u32", value.Operand));

    /// <summary><c>bar.warp.sync</c>: the warp's lanes meet, and see each other's memory.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void BarWarpSync([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Emitter.At(line, file).Emit("bar.warp.sync", Slot.From(Operand.Of((long)FullMask)));

    private static Operand Vote(Emitter emitter, string mnemonic, RegisterKind kind, Pred p)
    {
        var result = emitter.Define(kind);
        emitter.Emit(mnemonic, Slot.To(result), Slot.From(p.Operand), Slot.From(Operand.Of((long)FullMask)));
        return result;
    }

    private static Operand Redux(Emitter emitter, string mnemonic, Operand value)
    {
        var result = emitter.Define(RegisterKind.Bits32);
        emitter.Emit(mnemonic, Slot.To(result), Slot.From(value), Slot.From(Operand.Of((long)FullMask)));
        return result;
    }
}
