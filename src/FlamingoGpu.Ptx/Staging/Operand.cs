using System.Globalization;

namespace FlamingoGpu.Ptx;

/// <summary>
/// What stands in an operand position: a register, a constant, or a name (a special register, a symbol).
/// </summary>
internal readonly record struct Operand
{
    private Operand(Register? register, string? text, long? integer)
    {
        Register = register;
        Text = text;
        Integer = integer;
    }

    /// <summary>The register, when it is one.</summary>
    public Register? Register { get; }

    /// <summary>The PTX text of a constant or name.</summary>
    public string? Text { get; }

    /// <summary>The value of an integer constant.</summary>
    public long? Integer { get; }

    /// <summary>Whether no value was ever given (a default-initialised device value).</summary>
    public bool IsMissing => Register is null && Text is null;

    /// <summary>A register operand.</summary>
    public static Operand Of(Register register) => new(register, null, null);

    /// <summary>An integer constant.</summary>
    public static Operand Of(long value) => new(null, value.ToString(CultureInfo.InvariantCulture), value);

    /// <summary>An unsigned 64-bit constant.</summary>
    public static Operand Of(ulong value) =>
        value <= long.MaxValue ? Of((long)value) : new(null, value.ToString(CultureInfo.InvariantCulture) + "U", null);

    /// <summary>A float constant, written by its bits so that nothing rounds.</summary>
    public static Operand Of(float value) =>
        new(null, "0f" + BitConverter.SingleToUInt32Bits(value).ToString("X8", CultureInfo.InvariantCulture), null);

    /// <summary>A name: a special register or a symbol.</summary>
    public static Operand Named(string name) => new(null, name, null);

    /// <inheritdoc/>
    public override string ToString() => Register?.ToString() ?? Text ?? "(no value)";
}
