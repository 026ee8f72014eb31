namespace FlamingoGpu.Ptx.Reading;

/// <summary>Reads the operands of one kernel's instructions and resolves their registers, variables and
/// labels.</summary>
internal sealed class OperandParser(TokenCursor cursor, RegisterTable registers,
    Func<string, PtxVariable?> findVariable)
{
    private static readonly HashSet<string> Specials = new(StringComparer.Ordinal)
    {
        "%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z", "%ctaid.x", "%ctaid.y", "%ctaid.z",
        "%nctaid.x", "%nctaid.y", "%nctaid.z", "%laneid", "%warpid", "%lanemask_eq", "%lanemask_le", "%lanemask_lt",
        "%lanemask_ge", "%lanemask_gt", "%dynamic_smem_size",
    };

    /// <summary>The accumulators of the widest product of a warpgroup.</summary>
    private const int MostRegisters = 128;

    /// <summary>Label operands in order, to be given their targets when the body has been read.</summary>
    public List<(PtxOperand Operand, int Line)> Labels { get; } = [];

    public static PtxOperand Literal(string text, bool isNegative)
    {
        var floatBytes = Literals.FloatByteSize(text);
        return new PtxOperand(PtxOperandKind.Immediate)
        {
            Text = isNegative ? "-" + text : text,
            IsFloatLiteral = floatBytes is not null,
            LiteralByteSize = floatBytes ?? 0,
            IsNegativeLiteral = isNegative,
        };
    }

    public PtxOperand Parse()
    {
        var token = cursor.Current;
        if (cursor.TryTake("[")) return Address();
        if (cursor.TryTake("{")) return Vector();
        if (cursor.TryTake("!"))
        {
            var register = Register();
            return new PtxOperand(PtxOperandKind.Register)
            {
                Text = "!" + register.Name,
                Register = register,
                Negated = true,
            };
        }

        if (cursor.TryTake("-") || token.Kind == PtxTokenKind.Number)
        {
            if (cursor.Current.Kind != PtxTokenKind.Number) throw cursor.Unexpected("a number");
            return Literal(cursor.Take().Text, token.Is("-"));
        }

        if (token.Kind != PtxTokenKind.Word || token.Text[0] == '.') throw cursor.Unexpected("an operand");
        return token.Text[0] == '%' ? RegisterOrSpecial() : Named();
    }

    private PtxOperand RegisterOrSpecial()
    {
        var text = cursor.Current.Text;
        if (Specials.Contains(text))
        {
            cursor.Take();
            return new PtxOperand(PtxOperandKind.Special) { Text = text, Name = text };
        }

        var operand = new PtxOperand(PtxOperandKind.Register) { Text = text, Register = Register() };
        if (cursor.TryTake("|")) operand.PairedPredicate = Register();
        return operand;
    }

    private PtxOperand Named()
    {
        var token = cursor.Take();
        if (registers.Find(token.Text) is { } register)
        {
            return new PtxOperand(PtxOperandKind.Register) { Text = token.Text, Register = register };
        }

        if (findVariable(token.Text) is { } variable)
        {
            return new PtxOperand(PtxOperandKind.Symbol) { Text = token.Text, Variable = variable };
        }

        var label = new PtxOperand(PtxOperandKind.Label) { Text = token.Text, Name = token.Text };
        Labels.Add((label, token.Line));
        return label;
    }

    private PtxRegister Register()
    {
        var token = cursor.Current;
        if (token.Kind != PtxTokenKind.Word) throw cursor.Unexpected("a register");
        if (registers.Find(token.Text) is not { } register)
        {
            throw new PtxSyntaxException(token.Line, token.Text[0] == '%'
                ? $"the register {token.Text} is not declared."
                : $"'{token.Text}' is not a declared register.");
        }

        cursor.Take();
        return register;
    }

    private PtxOperand Vector()
    {
        var list = new List<PtxRegister>();
        PtxToken? literal = null;
        do
        {
            if (cursor.Current.Kind == PtxTokenKind.Number)
            {
                var token = cursor.Take();
                literal ??= token;
                continue;
            }

            if (list.Count == MostRegisters)
            {
                throw new PtxSyntaxException(cursor.Current.Line, $"a vector has at most {MostRegisters} registers.");
            }

            list.Add(Register());
        }
        while (cursor.TryTake(","));

        cursor.Expect("}");
        if (literal is { } number)
        {
            throw new PtxSyntaxException(number.Line, $"'{number.Text}' in braces is a literal; registers stand there.");
        }

        var text = $"{{{string.Join(", ", list.Select(r => r.Name))}}}";
        return new PtxOperand(PtxOperandKind.Vector) { Text = text, Registers = list };
    }

    private PtxOperand Address()
    {
        var token = cursor.Current;
        PtxRegister? register = null;
        PtxVariable? variable = null;
        long offset = 0;
        if (token.Kind == PtxTokenKind.Word)
        {
            register = registers.Find(token.Text);
            if (register is null) variable = findVariable(token.Text);
            if (register is null && variable is null)
            {
                throw new PtxSyntaxException(token.Line,
                    $"'{token.Text}' is neither a declared register nor a variable.");
            }

            cursor.Take();
            if (cursor.TryTake("+")) offset = Offset();
            if (cursor.Current.Is("-"))
            {
                throw new PtxSyntaxException(token.Line,
                    $"an address is a sum: write [{token.Text}+-4], not [{token.Text}-4].");
            }
        }
        else
        {
            offset = Offset();
        }

        cursor.Expect("]");
        var name = register?.Name ?? variable?.Name;
        return new PtxOperand(PtxOperandKind.Address)
        {
            Text = name is null ? $"[{offset}]" : offset == 0 ? $"[{name}]" : $"[{name}{offset:+0;-0}]",
            Register = register,
            Variable = variable,
            Offset = offset,
        };
    }

    private long Offset()
    {
        var isNegative = cursor.TryTake("-");
        var value = cursor.TakeCount("the offset", int.MaxValue);
        return isNegative ? -(long)value : value;
    }
}
