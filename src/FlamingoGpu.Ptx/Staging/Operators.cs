namespace FlamingoGpu.Ptx;

/// <summary>
/// What operators of device values emit; integer operations with constants that change nothing emit nothing.
/// </summary>
internal static class Operators
{
    public static T Binary<T>(string mnemonic, T a, T b, Freedom more = Freedom.None)
        where T : struct, IDeviceValue<T> =>
        T.From(Emitter.Between().Compute(Freedom.Pure | more, T.Type.Kind, mnemonic, a.Operand, b.Operand));

    public static T Unary<T>(string mnemonic, T a)
        where T : struct, IDeviceValue<T> =>
        T.From(Emitter.Between().Compute(T.Type.Kind, mnemonic, a.Operand));

    public static Pred Compare<T>(string comparison, T a, T b)
        where T : struct, IDeviceValue<T> =>
        new(Emitter.Between().Compute(
            RegisterKind.Predicate, $"setp.{comparison}.{T.Type.Name}", a.Operand, b.Operand));

    public static T Add<T>(T a, T b)
        where T : struct, IDeviceValue<T> =>
        IsConstant(a, 0) ? b : IsConstant(b, 0) ? a
        : Fold(a, b, (x, y) => x + y) ?? Binary($"add.{T.Type.Name}", a, b);

    public static T Subtract<T>(T a, T b)
        where T : struct, IDeviceValue<T> =>
        IsConstant(b, 0) ? a : Fold(a, b, (x, y) => x - y) ?? Binary($"sub.{T.Type.Name}", a, b);

    public static T Multiply<T>(T a, T b)
        where T : struct, IDeviceValue<T> =>
        IsConstant(a, 1) ? b : IsConstant(b, 1) ? a
        : Fold(a, b, (x, y) => x * y) ?? Binary($"mul.lo.{T.Type.Name}", a, b);

    public static T Shift<T>(string mnemonic, T value, S32 count)
        where T : struct, IDeviceValue<T> =>
        IsConstant(count, 0)
            ? value
            : T.From(Emitter.Between().Compute(T.Type.Kind, mnemonic, value.Operand, count.Operand));

    private static bool IsConstant<T>(T value, long constant)
        where T : struct, IDeviceValue<T> => value.Operand.Integer == constant;

    /// <summary>The result of two constants, where it fits the type; else the device computes it and wraps.</summary>
    private static T? Fold<T>(T a, T b, Func<Int128, Int128, Int128> operation)
        where T : struct, IDeviceValue<T>
    {
        if (a.Operand.Integer is not { } x || b.Operand.Integer is not { } y) return null;
        var result = operation(x, y);
        var isSigned = T.Type.Name[0] == 's';
        var bits = T.Type.Size * 8 - (isSigned ? 1 : 0);
        var largest = Int128.Min((Int128.One << bits) - 1, long.MaxValue);
        var fits = result <= largest && result >= (isSigned ? -(Int128.One << bits) : 0);
        return fits ? T.From(Operand.Of((long)result)) : null;
    }
}
