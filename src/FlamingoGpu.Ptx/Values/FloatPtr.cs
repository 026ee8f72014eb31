using System.Runtime.CompilerServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A pointer to f32, f16 or bf16 elements, whichever was chosen when the kernel is built: elements are read as f32 and
/// rounded to nearest when stored, so that one text serves all three.
/// </summary>
public readonly struct FloatPtr
{
    private readonly Ptr<B32> _address;

    internal FloatPtr(DType type, Ptr<B32> address) => (Type, _address) = (type, address);

    /// <summary>Type of the elements.</summary>
    public DType Type { get; }

    /// <summary>Bytes of an element.</summary>
    public int ElementBytes => Type == DType.F32 ? 4 : 2;

    /// <summary>The element at an index.</summary>
    /// <param name="index">Elements from the pointer on.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 this[S32 index, [CallerLineNumber] int line = 0, [CallerFilePath] string file = ""]
    {
        get => Type switch
        {
            DType.F32 => As<F32>()[index, line, file],
            DType.F16 => As<F16>()[index, line, file].ToF32(line, file),
            _ => As<BF16>()[index, line, file].ToF32(line, file),
        };
        set
        {
            switch (Type)
            {
                case DType.F32:
                    var wide = As<F32>();
                    wide[index, line, file] = value;
                    break;
                case DType.F16:
                    var half = As<F16>();
                    half[index, line, file] = value.To<F16>(line, file);
                    break;
                default:
                    var brain = As<BF16>();
                    brain[index, line, file] = value.To<BF16>(line, file);
                    break;
            }
        }
    }

    /// <summary>A pointer some elements further on.</summary>
    public static FloatPtr operator +(FloatPtr pointer, S32 count) => pointer.Type == DType.F32
        ? new(pointer.Type, (pointer.As<F32>() + count).As<B32>())
        : new(pointer.Type, (pointer.As<BF16>() + count).As<B32>());

    /// <summary>A pointer some elements further on.</summary>
    public static FloatPtr operator +(FloatPtr pointer, S64 count) => pointer.Type == DType.F32
        ? new(pointer.Type, (pointer.As<F32>() + count).As<B32>())
        : new(pointer.Type, (pointer.As<BF16>() + count).As<B32>());

    /// <summary>A pointer some elements further on.</summary>
    public static FloatPtr operator +(FloatPtr pointer, int count) => pointer + (S32)count;

    /// <summary>The same memory as elements of a type.</summary>
    public Ptr<T> As<T>()
        where T : struct, IDeviceValue<T> => _address.As<T>();

    /// <summary>
    /// Reads neighbouring elements with the fewest accesses; the pointer must be aligned to the smaller of 16 bytes and
    /// all of them.
    /// </summary>
    /// <param name="count">Elements: a power of two of at most 32 bytes together; at least 2 of 16 bits.</param>
    /// <param name="hint">Cache behaviour.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32[] LoadVector(
        int count, LoadHint hint = default, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Widen(LoadPacked(count, hint, line, file), line, file);

    /// <summary>
    /// As <see cref="LoadVector"/>, but leaves the elements as they lie in memory, to be widened where they are used
    /// (<see cref="Widen"/>): many loads can then be under way in few registers.
    /// </summary>
    /// <param name="count">Elements: 4, 8, 16 or 32 bytes of them.</param>
    /// <param name="hint">What the caches are told.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public B32[] LoadPacked(
        int count, LoadHint hint = default, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        LoadWords(count * ElementBytes / 4, hint, line, file);

    /// <summary>The elements of words that <see cref="LoadPacked"/> gave, as f32; exact.</summary>
    /// <param name="words">The words.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32[] Widen(B32[] words, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        if (Type == DType.F32) return Array.ConvertAll(words, word => word.AsF32(line, file));
        var values = new F32[2 * words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            (values[2 * i], values[2 * i + 1]) = Type == DType.F16
                ? (words[i].AsF16x2().LowToF32(line, file), words[i].AsF16x2().HighToF32(line, file))
                : (words[i].AsBF16x2().LowToF32(line, file), words[i].AsBF16x2().HighToF32(line, file));
        }

        return values;
    }

    /// <summary>Stores neighbouring elements, rounded; alignment and counts as <see cref="LoadVector"/>.</summary>
    public void StoreVector(
        ReadOnlySpan<F32> values, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var words = new B32[values.Length * ElementBytes / 4];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = Type switch
            {
                DType.F32 => values[i].AsB32(line, file),
                DType.F16 => F16x2.Round(values[2 * i], values[2 * i + 1], line, file).AsB32(),
                _ => BF16x2.Round(values[2 * i], values[2 * i + 1], line, file).AsB32(),
            };
        }

        for (var i = 0; i < words.Length; i += 4)
        {
            var at = _address + i;
            if (words.Length - i >= 4) Isa.StGlobalV4(at, new Vec4<B32>(words[i], words[i + 1], words[i + 2], words[i + 3]), line, file);
            else if (words.Length == 2) Isa.StGlobalV2(at, new Vec2<B32>(words[0], words[1]), line, file);
            else Isa.StGlobal(at, words[i], line, file);
        }
    }

    private B32[] LoadWords(int count, LoadHint hint, int line, string file)
    {
        if (count is not (1 or 2 or 4 or 8))
            Emitter.At(line, file).Fail($"a vector of {4 * count} bytes cannot be loaded; it has 4, 8, 16 or 32.");
        if (count == 1) return [Isa.LdGlobal(_address, hint, line, file)];
        if (count == 2)
        {
            var pair = Isa.LdGlobalV2(_address, hint, line, file);
            return [pair.X, pair.Y];
        }

        var words = new B32[count];
        for (var i = 0; i < count; i += 4)
        {
            var four = Isa.LdGlobalV4(_address + i, hint, line, file);
            for (var j = 0; j < 4; j++) words[i + j] = four[j];
        }

        return words;
    }
}
