using System.Globalization;

namespace FlamingoGpu.Ptx.Reading;

/// <summary>
/// What one operand of a form may be. The notation of <see cref="InstructionForms"/>: <c>=</c> written by the
/// instruction, <c>~</c> read and written in place, <c>T</c> <c>U</c> <c>2T</c> captured types or a type's name,
/// <c>*N</c> registers in braces, <c>#</c>
/// also a literal, <c>@</c> also a special register or a variable's address, <c>+</c> also a wider register, <c>!</c>
/// may be negated, <c>|pred</c> may be paired with a predicate, <c>[space:size]</c> an address, <c>#a..b</c> and
/// <c>#a,b</c> a literal out of a range or set, <c>label</c> a branch target.
/// </summary>
internal sealed class OperandRule
{
    private readonly string _type = "";
    private readonly string _count = "";
    private readonly string _space = "";
    private readonly bool _isAddress;
    private readonly bool _isLabel;
    private readonly bool _allowsLiteral;
    private readonly bool _allowsSpecial;
    private readonly bool _allowsWider;
    private readonly bool _allowsNegation;
    private readonly bool _allowsPair;
    private readonly long[]? _values;

    public OperandRule(string text)
    {
        IsInPlace = text[0] == '~';
        IsDestination = text[0] == '=' || IsInPlace;
        text = text.TrimStart('=', '~');
        if (text == "label")
        {
            _isLabel = true;
            return;
        }

        if (text[0] == '#')
        {
            _values = Values(text[1..]);
            return;
        }

        if (text[0] == '[')
        {
            _isAddress = true;
            var parts = text.Trim('[', ']').Split(':');
            _space = parts[0];
            text = parts[1];
        }

        _allowsNegation = text[0] == '!';
        _allowsPair = text.EndsWith("|pred", StringComparison.Ordinal);
        text = text.TrimStart('!').Replace("|pred", "", StringComparison.Ordinal);
        var star = text.IndexOf('*', StringComparison.Ordinal);
        if (star >= 0)
        {
            _count = text[(star + 1)..];
            text = text[..star];
        }

        _allowsLiteral = text.Contains('#', StringComparison.Ordinal);
        _allowsSpecial = text.Contains('@', StringComparison.Ordinal);
        _allowsWider = text.Contains('+', StringComparison.Ordinal);
        _type = text.Trim('#', '@', '+');
    }

    public bool IsDestination { get; }

    /// <summary>True when the instruction reads the operand before it writes it.</summary>
    public bool IsInPlace { get; }

    /// <summary>Null when the operand is what the rule asks for; then a literal has its bits.</summary>
    public string? Check(PtxOperand operand, FormMatch match)
    {
        if (operand.PairedPredicate is not null && !_allowsPair) return $"'{operand.Text}' cannot be a pair here.";
        if (operand.Negated && !_allowsNegation) return $"'{operand.Text}' cannot be negated here.";
        if (_isLabel) return operand.Kind == PtxOperandKind.Label ? null : $"expected a label, found '{operand.Text}'.";
        if (_values is not null) return CheckValue(operand);
        if (_isAddress) return CheckAddress(operand, match);
        return CheckValueOperand(operand, match);
    }

    private static long[] Values(string text)
    {
        var range = text.Split("..");
        if (range.Length == 1)
        {
            return [.. text.Split(',').Select(part => long.Parse(part, CultureInfo.InvariantCulture))];
        }
        var low = int.Parse(range[0], CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(low, int.Parse(range[1], CultureInfo.InvariantCulture) - low + 1)
            .Select(v => (long)v)];
    }

    private string? CheckValue(PtxOperand operand)
    {
        if (operand.Kind != PtxOperandKind.Immediate) return $"'{operand.Text}' must be a literal.";
        if (Literals.Read(operand, PtxType.U32) is not { } bits || !_values!.Contains((long)bits))
        {
            var allowed = _values!.Length > 4
                ? $"between {_values[0]} and {_values[^1]}"
                : string.Join(" or ", _values);
            return $"'{operand.Text}' must be {allowed}.";
        }

        operand.Bits = bits;
        return null;
    }

    private string? CheckAddress(PtxOperand operand, FormMatch match)
    {
        if (operand.Kind != PtxOperandKind.Address) return $"expected an address in brackets, found '{operand.Text}'.";
        var space = _space == "S" ? match.Space : Enum.Parse<PtxSpace>(_space, ignoreCase: true);
        var bytes = char.IsAsciiDigit(_type[0])
            ? int.Parse(_type, CultureInfo.InvariantCulture)
            : match.TypeNamed(_type).ByteSize() * match.CountNamed(_count);
        if (bytes > 16) return $"one access moves at most 16 bytes, this one asks for {bytes}.";
        if (operand.Register is { } register) return CheckBase(register, space);
        if (operand.Variable is not { } variable)
        {
            return space == PtxSpace.Param ? "a parameter is read by its name." : null;
        }
        return CheckVariable(operand, variable, space, bytes);
    }

    private static string? CheckBase(PtxRegister register, PtxSpace space)
    {
        if (space == PtxSpace.Param) return "a kernel parameter is read by its name, not through a register.";
        if (register.Type is PtxType.B64 or PtxType.U64 or PtxType.S64) return null;
        if (register.Type is PtxType.B32 or PtxType.U32 or PtxType.S32
            && space is PtxSpace.Shared or PtxSpace.Local or PtxSpace.Const)
        {
            return null;
        }

        return $"{register.Name} is .{register.Type.Name()}; a {space.ToString().ToLowerInvariant()} address takes a "
            + (space is PtxSpace.Generic or PtxSpace.Global ? "64-bit" : "32- or 64-bit") + " integer register.";
    }

    private static string? CheckVariable(PtxOperand operand, PtxVariable variable, PtxSpace space, int bytes)
    {
        if (variable.Space != space)
        {
            return $"{variable.Name} lives in .{variable.Space.ToString().ToLowerInvariant()}, the instruction reads "
                + $".{space.ToString().ToLowerInvariant()}.";
        }

        if (!variable.IsDynamic && (operand.Offset < 0 || operand.Offset > variable.ByteLength - bytes))
        {
            return $"{bytes} bytes at {operand.Text} lie outside {variable.Name}, "
                + $"which has {variable.ByteLength} bytes.";
        }

        var alignment = Math.Min(bytes, 16);
        if (operand.Offset % alignment != 0 || variable.Alignment % alignment != 0)
        {
            return $"an access of {bytes} bytes needs an address that is a multiple of {alignment}; {variable.Name} is "
                + $"aligned to {variable.Alignment} and the offset is {operand.Offset}.";
        }

        return null;
    }

    private string? CheckValueOperand(PtxOperand operand, FormMatch match)
    {
        var type = match.TypeNamed(_type);
        var count = match.CountNamed(_count);
        switch (operand.Kind)
        {
            case PtxOperandKind.Vector:
                if (_count.Length == 0 || operand.Registers.Count != count || (count == 1 && _count == "V"))
                {
                    return $"'{operand.Text}' has {operand.Registers.Count} registers, expected "
                        + (_count.Length == 0 || _count == "V" && count == 1 ? "one without braces." : $"{count}.");
                }

                if (IsDestination && operand.Registers.Distinct().Count() != count)
                {
                    return $"'{operand.Text}' names a destination register twice.";
                }

                return operand.Registers.Select(register => CheckRegister(register, type))
                    .FirstOrDefault(e => e is not null);
            case PtxOperandKind.Register when count != 1:
                return $"'{operand.Text}' must be {count} registers in braces.";
            case PtxOperandKind.Register:
                return CheckRegister(operand.Register!, type);
            case PtxOperandKind.Immediate when _allowsLiteral && count == 1:
                return CheckLiteral(operand, type);
            case PtxOperandKind.Special when _allowsSpecial:
                return type.ByteSize() == 4 && !type.IsFloat()
                    ? null
                    : $"{operand.Name} has 32 bits; it cannot be read as .{type.Name()}.";
            case PtxOperandKind.Symbol when _allowsSpecial:
                return CheckSymbol(operand.Variable!, type);
            default:
                return $"'{operand.Text}' ({operand.Kind.ToString().ToLowerInvariant()}) cannot stand here; expected "
                    + $".{type.Name()}{(count > 1 ? $" × {count}" : "")}.";
        }
    }

    private static string? CheckSymbol(PtxVariable variable, PtxType type)
    {
        var isAddress = type is PtxType.U64 or PtxType.B64 or PtxType.S64
            || (type is PtxType.U32 or PtxType.B32 or PtxType.S32
                && variable.Space is PtxSpace.Shared or PtxSpace.Local);
        return isAddress ? null : $"the address of {variable.Name} does not fit .{type.Name()}.";
    }

    private static string? CheckLiteral(PtxOperand operand, PtxType type)
    {
        if (Literals.Read(operand, type) is not { } bits) return $"the literal '{operand.Text}' is no .{type.Name()}.";
        operand.Bits = bits;
        return null;
    }

    private string? CheckRegister(PtxRegister register, PtxType type) =>
        Fits(type, register.Type)
            ? null
            : $"{register.Name} is .{register.Type.Name()}, expected {(_allowsWider ? "at least " : "")}.{type.Name()}.";

    private bool Fits(PtxType type, PtxType register)
    {
        if (type == PtxType.Pred || register == PtxType.Pred) return type == register;
        var exact = register.ByteSize() == type.ByteSize();
        if (!exact && !(_allowsWider && register.ByteSize() > type.ByteSize() && !register.IsFloat()
            && !type.IsFloat()))
        {
            return false;
        }

        if (type.IsBits()) return true;
        if (register.IsBits()) return true;
        return type.IsInteger() ? register.IsInteger() : type == register;
    }
}
