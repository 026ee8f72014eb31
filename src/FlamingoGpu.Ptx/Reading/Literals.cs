using System.Globalization;

namespace FlamingoGpu.Ptx.Reading;

/// <summary>Numbers as PTX writes them: decimal, hexadecimal, octal and binary integers, decimal and bit-exact
/// floats.</summary>
internal static class Literals
{
    /// <summary>The bits of a literal read as <paramref name="type"/>, zero-extended; null when it does not
    /// fit.</summary>
    public static ulong? Read(PtxOperand literal, PtxType type)
    {
        var text = literal.Text.TrimStart('-');
        if (literal.IsFloatLiteral) return Float(text, literal.IsNegativeLiteral, literal.LiteralByteSize, type);
        if (type.IsFloat() || type is PtxType.BF16 or PtxType.BF16x2 or PtxType.F16x2) return null;
        if (Integer(text) is not { } magnitude) return null;
        if (type == PtxType.Pred) return magnitude <= 1 && !literal.IsNegativeLiteral ? magnitude : null;
        var bits = type.ByteSize() * 8;
        if (literal.IsNegativeLiteral)
        {
            if (magnitude > 1UL << (bits - 1)) return null;
            magnitude = 0UL - magnitude;
            return bits == 64 ? magnitude : magnitude & ((1UL << bits) - 1);
        }

        return bits == 64 || magnitude < 1UL << bits ? magnitude : null;
    }

    /// <summary>The value of an integer literal without sign, or null.</summary>
    public static ulong? Integer(string text)
    {
        if (text.EndsWith('U')) text = text[..^1];
        if (text.Length == 0) return null;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out var hex)
                ? hex
                : null;
        }

        if (text.StartsWith("0b", StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture,
                out var binary)
                ? binary
                : null;
        }

        if (text.Length > 1 && text[0] == '0') return Octal(text);
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    /// <summary>Bytes of a bit-exact float literal (<c>0f</c>: 4, <c>0d</c>: 8), 0 for a decimal one, null for no
    /// float.</summary>
    public static int? FloatByteSize(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("0b", StringComparison.OrdinalIgnoreCase)) return null;
        if (text.StartsWith("0f", StringComparison.OrdinalIgnoreCase)) return 4;
        if (text.StartsWith("0d", StringComparison.OrdinalIgnoreCase)) return 8;
        return text.AsSpan().IndexOfAny(".eE") >= 0 ? 0 : null;
    }

    private static ulong? Octal(string text)
    {
        ulong value = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7' || value >> 61 != 0) return null;
            value = (value << 3) | (uint)(digit - '0');
        }

        return value;
    }

    private static ulong? Float(string text, bool negative, int byteSize, PtxType type)
    {
        if (byteSize == 0)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) return null;
            if (negative) value = -value;
            return type switch
            {
                PtxType.F64 => BitConverter.DoubleToUInt64Bits(value),
                PtxType.F32 => BitConverter.SingleToUInt32Bits((float)value),
                _ => null,
            };
        }

        if (text.Length != 2 + (byteSize * 2) || negative) return null;
        if (!ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits))
        {
            return null;
        }
        return (type, byteSize) switch
        {
            (PtxType.F32 or PtxType.B32, 4) or (PtxType.F64 or PtxType.B64, 8) => bits,
            (PtxType.F64, 4) => BitConverter.DoubleToUInt64Bits(BitConverter.UInt32BitsToSingle((uint)bits)),
            (PtxType.F32, 8) => BitConverter.SingleToUInt32Bits((float)BitConverter.UInt64BitsToDouble(bits)),
            _ => null,
        };
    }
}
