using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A pointer into the block's shared memory (32-bit). Indices count elements; constant ones are free.
/// </summary>
/// <typeparam name="T">Type of the elements.</typeparam>
public readonly struct Shared<T>
    where T : struct, IDeviceValue<T>
{
    private readonly Operand _base;
    private readonly long _offset;

    internal Shared(Operand baseAddress, long offset)
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
        get => Isa.LdShared(Step(Emitter.At(line, file), index), line, file);
        set => Isa.StShared(Step(Emitter.At(line, file), index), value, line, file);
    }

    /// <summary>The pointer moved by <paramref name="count"/> elements.</summary>
    public static Shared<T> operator +(Shared<T> pointer, S32 count) => pointer.Step(Emitter.Between(), count);

    /// <summary>The same address with elements of another type; costs nothing.</summary>
    /// <typeparam name="TOther">The new element type.</typeparam>
    public Shared<TOther> As<TOther>()
        where TOther : struct, IDeviceValue<TOther> => new(_base, _offset);

    /// <summary>The address as a number, for address arithmetic such as a swizzle.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public U32 Address([CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        var address = new U32(Register(emitter));
        return _offset == 0 ? address : new U32(emitter.Compute(
            RegisterKind.Bits32, "add.u32", address.Operand, Operand.Of(_offset)));
    }

    /// <summary>A pointer from an address computed as a number.</summary>
    /// <param name="address">Byte address in shared memory.</param>
    public static Shared<T> From(U32 address) => new(address.Operand, 0);

    internal Shared<T> StepBytes(long bytes) => new(_base, checked(_offset + bytes));

    private Shared<T> Step(Emitter emitter, S32 count)
    {
        if (count.Operand.Integer is { } constant) return StepBytes(checked(constant * T.Type.Size));
        var address = Register(emitter);
        var size = Operand.Of((long)T.Type.Size);
        return new(emitter.Compute(RegisterKind.Bits32, "mad.lo.s32", count.Operand, size, address), _offset);
    }

    /// <summary>The base in a register: an array's symbol is moved into one at the start of the kernel.</summary>
    private Operand Register(Emitter emitter) =>
        _base.Text is { } symbol ? emitter.Once(symbol, "mov.u32") : _base;
}
