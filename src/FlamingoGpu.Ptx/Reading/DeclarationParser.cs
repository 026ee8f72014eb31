namespace FlamingoGpu.Ptx.Reading;

/// <summary>Reads declarations of memory: <c>.align 16 .b8 name[64] = {1, 2}</c>, behind the word of the
/// space.</summary>
internal static class DeclarationParser
{
    private const int MaximumParameterBytes = 4096;
    private const int MaximumSharedBytes = 48 * 1024;
    private const int MaximumConstBytes = 64 * 1024;
    private const int MaximumLocalBytes = 512 * 1024;
    private const int MaximumGlobalBytes = 16 << 20;

    public static PtxVariable Variable(TokenCursor cursor, PtxSpace space, bool isExtern)
    {
        var alignment = Alignment(cursor);
        var type = Type(cursor);
        if (space == PtxSpace.Param && cursor.TryTake(".ptr"))
        {
            if (cursor.Current.Text is ".global" or ".shared" or ".const" or ".local") cursor.Take();
            _ = Alignment(cursor);
        }

        var line = cursor.Current.Line;
        var name = cursor.TakeName("the variable's name");
        if (name[0] == '%') throw new PtxSyntaxException(line, $"'{name}' is a register's name, not a variable's.");
        long count = 1;
        if (cursor.TryTake("["))
        {
            count = cursor.Current.Is("]") ? 0 : cursor.TakeCount("the array's length", MaximumGlobalBytes);
            cursor.Expect("]");
            if (cursor.Current.Is("["))
            {
                throw new PtxSyntaxException(line, $"'{name}' has two dimensions; one is read.");
            }
        }

        if (isExtern != (count == 0))
        {
            throw new PtxSyntaxException(line, isExtern
                ? $"'{name}' is .extern .shared and must be declared without a length: {name}[]."
                : $"'{name}' needs a length above 0.");
        }

        var bytes = count * type.ByteSize();
        if (bytes > Limit(space))
        {
            var hint = space == PtxSpace.Shared ? " with a fixed size (use .extern .shared)" : "";
            throw new PtxSyntaxException(line, $"'{name}' has {bytes} bytes; at most {Limit(space)} fit "
                + $".{space.ToString().ToLowerInvariant()}{hint}.");
        }

        var variable = new PtxVariable(name, space, type, Math.Max(alignment, type.ByteSize()), bytes, line);
        if (cursor.TryTake("=")) variable.Initial = Initializer(cursor, variable);
        return variable;
    }

    public static int Limit(PtxSpace space) => space switch
    {
        PtxSpace.Param => MaximumParameterBytes,
        PtxSpace.Shared => MaximumSharedBytes,
        PtxSpace.Const => MaximumConstBytes,
        PtxSpace.Local => MaximumLocalBytes,
        _ => MaximumGlobalBytes,
    };

    private static int Alignment(TokenCursor cursor)
    {
        if (!cursor.TryTake(".align")) return 1;
        var line = cursor.Current.Line;
        var alignment = cursor.TakeCount("the alignment", 1024);
        if (alignment == 0 || (alignment & (alignment - 1)) != 0)
        {
            throw new PtxSyntaxException(line, $".align {alignment} is not a power of two.");
        }

        return alignment;
    }

    private static PtxType Type(TokenCursor cursor)
    {
        var word = cursor.Current.Text;
        var type = word.StartsWith('.') ? PtxTypes.Parse(word[1..]) : PtxType.None;
        if (type.ByteSize() == 0 || type is PtxType.BF16 or PtxType.BF16x2 or PtxType.F16x2)
        {
            throw cursor.Unexpected("a memory type such as .b8 or .u64");
        }

        cursor.Take();
        return type;
    }

    private static byte[] Initializer(TokenCursor cursor, PtxVariable variable)
    {
        if (variable.Space is not (PtxSpace.Const or PtxSpace.Global))
        {
            throw new PtxSyntaxException(variable.Line,
                $"'{variable.Name}' cannot have initial values: only .const and .global can.");
        }

        var bytes = new byte[variable.ByteLength];
        var size = variable.Type.ByteSize();
        var isList = cursor.TryTake("{");
        var offset = 0;
        do
        {
            var isNegative = cursor.TryTake("-");
            if (cursor.Current.Kind != PtxTokenKind.Number) throw cursor.Unexpected("a number");
            var line = cursor.Current.Line;
            var literal = OperandParser.Literal(cursor.Take().Text, isNegative);
            if (offset + size > bytes.Length)
            {
                throw new PtxSyntaxException(line, $"'{variable.Name}' has more values than elements.");
            }
            if (Literals.Read(literal, variable.Type) is not { } bits)
            {
                throw new PtxSyntaxException(line, $"the literal '{literal.Text}' is no .{variable.Type.Name()}.");
            }

            for (var i = 0; i < size; i++) bytes[offset + i] = (byte)(bits >> (8 * i));
            offset += size;
        }
        while (isList && cursor.TryTake(","));

        if (isList) cursor.Expect("}");
        return bytes;
    }
}
