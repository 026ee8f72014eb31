using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A variable of the device: the one kind of value that changes. Compound assignment updates its register in place
/// (<c>sum += x * y</c> is one fused multiply-add); reading it gives the value of that moment.
/// </summary>
/// <typeparam name="T">Type of the value.</typeparam>
public sealed class Var<T>
    where T : struct, IDeviceValue<T>
{
    private readonly Operand _register;

    internal Var(T value, int line, string file)
    {
        var emitter = Emitter.At(line, file);
        _register = emitter.Define(T.Type.Kind);
        emitter.Assign(Freedom.Pure | Freedom.Assignment, _register, $"mov.{T.Type.Move}", value.Operand);
    }

    /// <summary>The value at this place of the program; later changes of the variable do not change it.</summary>
    public T Value => T.From(Emitter.Between().Compute(
        Freedom.Pure | Freedom.Snapshot, T.Type.Kind, $"mov.{T.Type.Move}", _register));

    internal Operand Register => _register;

    /// <summary>Reads the variable.</summary>
    public static implicit operator T(Var<T> variable) => variable.Value;

    /// <summary>Gives the variable a new value.</summary>
    /// <param name="value">The value; it may be computed from the old one.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void Set(T value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Emitter.At(line, file).Assign(
            Freedom.Pure | Freedom.Assignment, _register, $"mov.{T.Type.Move}", value.Operand);

    /// <summary>Adds in place; of f32, a product is fused with the sum.</summary>
    public void operator +=(T value) => Update(
        T.Type.Name is "f32" ? "add.rn.f32" : Arithmetic("add", "add.rn"), value, Freedom.Contract);

    /// <summary>Subtracts in place.</summary>
    public void operator -=(T value) => Update(Arithmetic("sub", "sub.rn"), value);

    /// <summary>Multiplies in place.</summary>
    public void operator *=(T value) => Update(Arithmetic("mul.lo", "mul.rn"), value);

    /// <summary>Divides in place.</summary>
    public void operator /=(T value) => Update(Arithmetic("div", "div.rn"), value);

    /// <summary>Bitwise and (of predicates: both) in place.</summary>
    public void operator &=(T value) => Update(Bitwise("and"), value);

    /// <summary>Bitwise or (of predicates: either) in place.</summary>
    public void operator |=(T value) => Update(Bitwise("or"), value);

    /// <summary>Bitwise exclusive or in place.</summary>
    public void operator ^=(T value) => Update(Bitwise("xor"), value);

    private static string Arithmetic(string integer, string floating)
    {
        var type = T.Type.Name;
        if (type is "s32" or "u32" or "s64" or "u64") return $"{integer}.{type}";
        if (type is "f32") return $"{floating}.{type}";
        var isDivision = floating.StartsWith("div", StringComparison.Ordinal);
        if (type is "f16" or "f16x2" && !isDivision) return $"{floating}.{type}";
        Emitter.Current.Fail($"a variable of type {type} has no '{floating}' on this hardware; convert to f32.");
        return "";
    }

    private static string Bitwise(string operation)
    {
        if (T.Type.Name[0] is 'f' || T.Type.Name.StartsWith("bf", StringComparison.Ordinal))
            Emitter.Current.Fail($"'{operation}' is for integers and predicates, not for {T.Type.Name}.");
        return $"{operation}.{T.Type.Bits}";
    }

    private void Update(string mnemonic, T value, Freedom more = Freedom.None) =>
        Emitter.Between().Assign(Freedom.Pure | more, _register, mnemonic, _register, value.Operand);
}
