using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class Isa
{
    /// <summary><c>atom.global.add</c>: adds and returns the old value. Of F32, S32, U32 or U64.</summary>
    /// <typeparam name="T">Type of the element.</typeparam>
    /// <param name="address">Where.</param>
    /// <param name="value">What to combine with.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static T AtomGlobalAdd<T>(Ptr<T> address, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Atom(Emitter.At(line, file), $"atom.global.add.{Addable<T>()}", At(address), value);

    /// <summary><c>atom.shared.add</c>: adds and returns the old value. Of F32, S32, U32 or U64.</summary>
    /// <inheritdoc cref="AtomGlobalAdd{T}"/>
    public static T AtomSharedAdd<T>(Shared<T> address, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Atom(Emitter.At(line, file), $"atom.shared.add.{Addable<T>()}", At(address), value);

    /// <summary><c>atom.global.max</c>: keeps the larger and returns the old value. Of S32, U32, S64 or U64.</summary>
    /// <inheritdoc cref="AtomGlobalAdd{T}"/>
    public static T AtomGlobalMax<T>(Ptr<T> address, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Atom(Emitter.At(line, file), $"atom.global.max.{Ordered<T>()}", At(address), value);

    /// <summary><c>atom.global.exch.b32/b64</c>: stores and returns the old value.</summary>
    /// <inheritdoc cref="AtomGlobalAdd{T}"/>
    public static T AtomGlobalExch<T>(Ptr<T> address, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Atom(Emitter.At(line, file), $"atom.global.exch.{Swappable<T>()}", At(address), value);

    /// <summary>
    /// <c>atom.global.cas.b32/b64</c>: stores where the old value is the expected one; returns the old value.
    /// </summary>
    /// <typeparam name="T">Type of the element.</typeparam>
    /// <param name="address">Where.</param>
    /// <param name="expected">The value that is replaced.</param>
    /// <param name="value">What replaces it.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static T AtomGlobalCas<T>(Ptr<T> address, T expected, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        var result = emitter.Define(T.Type.Kind);
        emitter.Emit(
            $"atom.global.cas.{Swappable<T>()}", Slot.To(result), At(address), Slot.From(expected.Operand),
            Slot.From(value.Operand));
        return T.From(result);
    }

    /// <summary><c>red.global.add</c>: adds without an answer. Of F32, S32, U32 or U64.</summary>
    /// <inheritdoc cref="AtomGlobalAdd{T}"/>
    public static void RedGlobalAdd<T>(Ptr<T> address, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Emitter.At(line, file).Emit($"red.global.add.{Addable<T>()}", At(address), Slot.From(value.Operand));

    /// <summary><c>red.shared.add</c>: adds without an answer. Of F32, S32, U32 or U64.</summary>
    /// <inheritdoc cref="AtomGlobalAdd{T}"/>
    public static void RedSharedAdd<T>(Shared<T> address, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Emitter.At(line, file).Emit($"red.shared.add.{Addable<T>()}", At(address), Slot.From(value.Operand));

    /// <summary><c>red.global.max</c>: keeps the larger without an answer. Of S32, U32, S64 or U64.</summary>
    /// <inheritdoc cref="AtomGlobalAdd{T}"/>
    public static void RedGlobalMax<T>(Ptr<T> address, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Emitter.At(line, file).Emit($"red.global.max.{Ordered<T>()}", At(address), Slot.From(value.Operand));

    private static T Atom<T>(Emitter emitter, string mnemonic, Slot address, T value)
        where T : struct, IDeviceValue<T>
    {
        var result = emitter.Define(T.Type.Kind);
        emitter.Emit(mnemonic, Slot.To(result), address, Slot.From(value.Operand));
        return T.From(result);
    }

    private static string Addable<T>()
        where T : struct, IDeviceValue<T> => Require<T>("add", "f32", "s32", "u32", "u64");

    private static string Ordered<T>()
        where T : struct, IDeviceValue<T> => Require<T>("max", "s32", "u32", "s64", "u64");

    private static string Swappable<T>()
        where T : struct, IDeviceValue<T>
    {
        Require<T>("exchange", "f32", "s32", "u32", "b32", "s64", "u64", "f16x2", "bf16x2");
        return T.Type.Size == 8 ? "b64" : "b32";
    }

    private static string Require<T>(string operation, params ReadOnlySpan<string> types)
        where T : struct, IDeviceValue<T>
    {
        if (!types.Contains(T.Type.Name)) Emitter.Current.Fail($"there is no atomic {operation} of {T.Type.Name}.");
        return T.Type.Name;
    }
}
