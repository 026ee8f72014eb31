using System.Globalization;
using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class Isa
{
    /// <summary><c>ld.global</c>: one element.</summary>
    /// <typeparam name="T">Type of the element.</typeparam>
    /// <param name="address">Where; aligned to the element.</param>
    /// <param name="hint">What to tell the caches.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static T LdGlobal<T>(Ptr<T> address, LoadHint hint = default,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        var result = emitter.Define(T.Type.Kind);
        LoadGlobal(emitter, Slot.To(result), "", address, hint);
        return T.From(result);
    }

    /// <summary><c>ld.global.v2</c>: two adjacent elements; the address is aligned to the pair.</summary>
    /// <inheritdoc cref="LdGlobal{T}"/>
    public static Vec2<T> LdGlobalV2<T>(Ptr<T> address, LoadHint hint = default,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        var results = DefineVector<T>(emitter, 2);
        LoadGlobal(emitter, Slot.To(results), ".v2", address, hint);
        return new(T.From(results[0]), T.From(results[1]));
    }

    /// <summary>
    /// <c>ld.global.v4</c>: four adjacent elements, at most 16 bytes; the address is aligned to the four.
    /// </summary>
    /// <inheritdoc cref="LdGlobal{T}"/>
    public static Vec4<T> LdGlobalV4<T>(Ptr<T> address, LoadHint hint = default,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        var results = DefineVector<T>(emitter, 4);
        LoadGlobal(emitter, Slot.To(results), ".v4", address, hint);
        return Vector<T>(results);
    }

    /// <summary><c>st.global</c>: one element.</summary>
    /// <typeparam name="T">Type of the element.</typeparam>
    /// <param name="address">Where; aligned to the element.</param>
    /// <param name="value">What.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void StGlobal<T>(Ptr<T> address, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Emitter.At(line, file).Emit($"st.global.{T.Type.Memory}", At(address), Slot.From(value.Operand));

    /// <summary><c>st.global.v2</c>: two adjacent elements; the address is aligned to the pair.</summary>
    /// <inheritdoc cref="StGlobal{T}"/>
    public static void StGlobalV2<T>(Ptr<T> address, Vec2<T> value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Emitter.At(line, file).Emit(
            $"st.global.v2.{T.Type.Memory}", At(address), Slot.From([value.X.Operand, value.Y.Operand]));

    /// <summary>
    /// <c>st.global.v4</c>: four adjacent elements, at most 16 bytes; the address is aligned to the four.
    /// </summary>
    /// <inheritdoc cref="StGlobal{T}"/>
    public static void StGlobalV4<T>(Ptr<T> address, Vec4<T> value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        CheckVector<T>(emitter, 4);
        emitter.Emit($"st.global.v4.{T.Type.Memory}", At(address), Slot.From(Operands(value)));
    }

    /// <summary><c>ld.shared</c>: one element.</summary>
    /// <typeparam name="T">Type of the element.</typeparam>
    /// <param name="address">Where; aligned to the element.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static T LdShared<T>(Shared<T> address, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        var result = emitter.Define(T.Type.Kind);
        emitter.Emit($"ld.shared.{T.Type.Memory}", Slot.To(result), At(address));
        return T.From(result);
    }

    /// <summary><c>ld.shared.v2</c>: two adjacent elements; the address is aligned to the pair.</summary>
    /// <inheritdoc cref="LdShared{T}"/>
    public static Vec2<T> LdSharedV2<T>(Shared<T> address,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        var results = DefineVector<T>(emitter, 2);
        emitter.Emit($"ld.shared.v2.{T.Type.Memory}", Slot.To(results), At(address));
        return new(T.From(results[0]), T.From(results[1]));
    }

    /// <summary>
    /// <c>ld.shared.v4</c>: four adjacent elements, at most 16 bytes; the address is aligned to the four.
    /// </summary>
    /// <inheritdoc cref="LdShared{T}"/>
    public static Vec4<T> LdSharedV4<T>(Shared<T> address,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        var results = DefineVector<T>(emitter, 4);
        emitter.Emit($"ld.shared.v4.{T.Type.Memory}", Slot.To(results), At(address));
        return Vector<T>(results);
    }

    /// <summary><c>st.shared</c>: one element.</summary>
    /// <typeparam name="T">Type of the element.</typeparam>
    /// <param name="address">Where; aligned to the element.</param>
    /// <param name="value">What.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void StShared<T>(Shared<T> address, T value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Emitter.At(line, file).Emit($"st.shared.{T.Type.Memory}", At(address), Slot.From(value.Operand));

    /// <summary><c>st.shared.v2</c>: two adjacent elements; the address is aligned to the pair.</summary>
    /// <inheritdoc cref="StShared{T}"/>
    public static void StSharedV2<T>(Shared<T> address, Vec2<T> value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> =>
        Emitter.At(line, file).Emit(
            $"st.shared.v2.{T.Type.Memory}", At(address), Slot.From([value.X.Operand, value.Y.Operand]));

    /// <summary>
    /// <c>st.shared.v4</c>: four adjacent elements, at most 16 bytes; the address is aligned to the four.
    /// </summary>
    /// <inheritdoc cref="StShared{T}"/>
    public static void StSharedV4<T>(Shared<T> address, Vec4<T> value,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        CheckVector<T>(emitter, 4);
        emitter.Emit($"st.shared.v4.{T.Type.Memory}", At(address), Slot.From(Operands(value)));
    }

    /// <summary>
    /// <c>createpolicy.fractional.L2</c>: a cache policy for loads and asynchronous copies; PTX ISA 7.4.
    /// </summary>
    /// <param name="primary">How accesses are treated.</param>
    /// <param name="fraction">The part of them it holds for, above 0 and at most 1.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U64 CreatepolicyFractionalL2(L2Eviction primary, float fraction = 1f,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        if (!(fraction is > 0f and <= 1f)) emitter.Fail($"a policy holds for a fraction in (0, 1], not {fraction}.");
        emitter.Require(PtxTarget.CacheHints);
        var priority = primary switch
        {
            L2Eviction.EvictFirst => "evict_first",
            L2Eviction.EvictLast => "evict_last",
            L2Eviction.EvictUnchanged => "evict_unchanged",
            _ => "evict_normal",
        };
        return new U64(emitter.Compute(
            RegisterKind.Bits64, $"createpolicy.fractional.L2::{priority}.b64", Operand.Of(fraction)));
    }

    /// <summary><c>prefetch.global.L2</c>: brings a line into the second-level cache.</summary>
    /// <typeparam name="T">Type of the elements there.</typeparam>
    /// <param name="address">Any address in the line; memory that exists.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void PrefetchGlobalL2<T>(Ptr<T> address,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> => Emitter.At(line, file).Emit("prefetch.global.L2", At(address));

    internal static Slot At<T>(Ptr<T> address)
        where T : struct, IDeviceValue<T> => Slot.At(address.Base, address.Offset);

    internal static Slot At<T>(Shared<T> address)
        where T : struct, IDeviceValue<T> => Slot.At(address.Base, address.Offset);

    internal static Operand[] Operands<T>(Vec4<T> value)
        where T : struct, IDeviceValue<T> =>
        [value.X.Operand, value.Y.Operand, value.Z.Operand, value.W.Operand];

    internal static Vec4<T> Vector<T>(Operand[] values)
        where T : struct, IDeviceValue<T> =>
        new(T.From(values[0]), T.From(values[1]), T.From(values[2]), T.From(values[3]));

    private static void LoadGlobal<T>(Emitter emitter, Slot results, string vector, Ptr<T> address, LoadHint hint)
        where T : struct, IDeviceValue<T>
    {
        var text = "ld.global" + (hint.NonCoherent ? ".nc" : "") + Suffix(hint.L1);
        if (hint.Policy is not null) text += ".L2::cache_hint";
        if (hint.PrefetchBytes != 0)
        {
            if (hint.PrefetchBytes is not (64 or 128 or 256))
                emitter.Fail($"a load prefetches 64, 128 or 256 bytes, not {hint.PrefetchBytes}.");
            text += string.Create(CultureInfo.InvariantCulture, $".L2::{hint.PrefetchBytes}B");
        }

        if (hint.L1 != L1Eviction.Unspecified || hint.Policy is not null || hint.PrefetchBytes != 0)
            emitter.Require(PtxTarget.CacheHints);
        text += $"{vector}.{T.Type.Memory}";
        if (hint.Policy is { } policy) emitter.Emit(text, results, At(address), Slot.From(policy.Operand));
        else emitter.Emit(text, results, At(address));
    }

    private static string Suffix(L1Eviction eviction) => eviction switch
    {
        L1Eviction.EvictNormal => ".L1::evict_normal",
        L1Eviction.EvictUnchanged => ".L1::evict_unchanged",
        L1Eviction.EvictFirst => ".L1::evict_first",
        L1Eviction.EvictLast => ".L1::evict_last",
        L1Eviction.NoAllocate => ".L1::no_allocate",
        _ => "",
    };

    private static Operand[] DefineVector<T>(Emitter emitter, int count)
        where T : struct, IDeviceValue<T>
    {
        CheckVector<T>(emitter, count);
        var results = new Operand[count];
        for (var i = 0; i < count; i++) results[i] = emitter.Define(T.Type.Kind);
        return results;
    }

    private static void CheckVector<T>(Emitter emitter, int count)
        where T : struct, IDeviceValue<T>
    {
        if (T.Type.Size * count > 16)
            emitter.Fail(
                $"{count} elements of {T.Type.Name} are {T.Type.Size * count} bytes; one access moves at most 16.");
    }
}
