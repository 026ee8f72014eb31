using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A pointer into global memory. Indices count elements; constant ones become part of the address for free.
/// </summary>
/// <typeparam name="T">Type of the elements.</typeparam>
public readonly struct Ptr<T>
    where T : struct, IDeviceValue<T>
{
    private readonly Operand _base;
    private readonly long _offset;

    internal Ptr(Operand baseAddress, long offset)
    {
        _base = baseAddress;
        _offset = offset;
    }

    internal Operand Base => _base;

    internal long Offset => _offset;

    /// <summary>The element at <paramref name="index"/>: a plain load or store.</summary>
    /// <param name="index">In elements, from this pointer.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public T this[S32 index, [CallerLineNumber] int line = 0, [CallerFilePath] string file = ""]
    {
        get => Isa.LdGlobal(Step(Emitter.At(line, file), index), LoadHint.None, line, file);
        set => Isa.StGlobal(Step(Emitter.At(line, file), index), value, line, file);
    }

    /// <inheritdoc cref="this[S32, int, string]"/>
    public T this[S64 index, [CallerLineNumber] int line = 0, [CallerFilePath] string file = ""]
    {
        get => Isa.LdGlobal(Step(Emitter.At(line, file), index), LoadHint.None, line, file);
        set => Isa.StGlobal(Step(Emitter.At(line, file), index), value, line, file);
    }

    /// <summary>The element at a constant <paramref name="index"/>; the address needs no instruction.</summary>
    /// <inheritdoc cref="this[S32, int, string]"/>
    public T this[int index, [CallerLineNumber] int line = 0, [CallerFilePath] string file = ""]
    {
        get => this[(S32)index, line, file];
        set
        {
            var self = this;
            self[(S32)index, line, file] = value;
        }
    }

    /// <summary>The pointer moved by <paramref name="count"/> elements; the product is taken in 64 bits.</summary>
    public static Ptr<T> operator +(Ptr<T> pointer, S32 count) => pointer.Step(Emitter.Between(), count);

    /// <summary>The pointer moved by <paramref name="count"/> elements.</summary>
    public static Ptr<T> operator +(Ptr<T> pointer, S64 count) => pointer.Step(Emitter.Between(), count);

    /// <summary>The pointer moved by a constant number of elements; costs nothing.</summary>
    public static Ptr<T> operator +(Ptr<T> pointer, int count) => pointer.Step(Emitter.Between(), (S32)count);

    /// <summary>The same address with elements of another type; costs nothing.</summary>
    /// <typeparam name="TOther">The new element type, such as <see cref="BF16x2"/> or <see cref="B32"/> for packed
    /// loads.</typeparam>
    public Ptr<TOther> As<TOther>()
        where TOther : struct, IDeviceValue<TOther> => new(_base, _offset);

    private Ptr<T> Step(Emitter emitter, S32 count)
    {
        if (count.Operand.Integer is { } constant) return Step(constant);
        return new(emitter.Compute(
            RegisterKind.Bits64, "mad.wide.s32", count.Operand, Operand.Of((long)T.Type.Size), _base), _offset);
    }

    private Ptr<T> Step(Emitter emitter, S64 count)
    {
        if (count.Operand.Integer is { } constant) return Step(constant);
        return new(emitter.Compute(
            RegisterKind.Bits64, "mad.lo.s64", count.Operand, Operand.Of((long)T.Type.Size), _base), _offset);
    }

    private Ptr<T> Step(long count)
    {
        var offset = checked(_offset + count * T.Type.Size);
        if (offset is < int.MinValue or > int.MaxValue)
            Emitter.Current.Fail(
                $"a constant offset of {offset} bytes does not fit an address; add it as a device value.");
        return new(_base, offset);
    }
}
