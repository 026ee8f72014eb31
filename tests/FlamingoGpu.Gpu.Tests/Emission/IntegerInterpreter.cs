using System.Globalization;

namespace FlamingoGpu.Gpu.Tests.Emission;

/// <summary>
/// Runs the s32 part of PTX for one thread: enough to tell whether cleaned-up text still computes the same.
/// </summary>
internal static class IntegerInterpreter
{
    /// <summary>What the kernel stores, by byte offset from its only pointer.</summary>
    public static Dictionary<int, List<int>> Run(string[] lines)
    {
        var labels = lines.Select((line, i) => (line, i)).Where(pair => pair.line[0] == '$')
            .ToDictionary(pair => pair.line.TrimEnd(':'), pair => pair.i);
        var registers = new Dictionary<string, int>(StringComparer.Ordinal);
        var stores = new Dictionary<int, List<int>>();
        for (int i = 0, steps = 0; i < lines.Length; i++)
        {
            Assert.True(steps++ < 100_000, "the kernel does not end");
            var line = lines[i].TrimEnd(';');
            if (line[0] == '$') continue;
            if (line[0] == '@')
            {
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                var holds = registers[line[..space].TrimStart('@', '!')] != 0;
                if (holds == (line[1] == '!')) continue;
                line = line[(space + 1)..];
            }

            var opcode = line.Split(' ')[0];
            var operands = line[opcode.Length..].Split(',', StringSplitOptions.TrimEntries);
            switch (opcode)
            {
                case "ret": return stores;
                case "bra" or "bra.uni": i = labels[operands[0]]; break;
                case "ld.param.u64" or "cvta.to.global.u64": break;
                case "st.global.b32": Store(operands[0], Value(operands[1])); break;
                default: registers[operands[0]] = Compute(opcode, [.. operands.Skip(1).Select(Value)]); break;
            }
        }

        throw new InvalidOperationException("the kernel has no ret");

        int Value(string operand) =>
            operand[0] == '%' ? registers[operand] : int.Parse(operand, CultureInfo.InvariantCulture);

        void Store(string address, int value)
        {
            var plus = address.IndexOf('+', StringComparison.Ordinal);
            var offset = plus < 0 ? 0 : int.Parse(address[(plus + 1)..^1], CultureInfo.InvariantCulture);
            if (!stores.TryGetValue(offset, out var values)) stores[offset] = values = [];
            values.Add(value);
        }
    }

    private static int Compute(string opcode, int[] x) => opcode switch
    {
        "mov.b32" => x[0],
        "add.s32" => unchecked(x[0] + x[1]),
        "sub.s32" => unchecked(x[0] - x[1]),
        "mul.lo.s32" => unchecked(x[0] * x[1]),
        "xor.b32" => x[0] ^ x[1],
        "setp.lt.s32" => x[0] < x[1] ? 1 : 0,
        "setp.ge.s32" => x[0] >= x[1] ? 1 : 0,
        "setp.gt.s32" => x[0] > x[1] ? 1 : 0,
        _ => throw new NotSupportedException(opcode),
    };
}
