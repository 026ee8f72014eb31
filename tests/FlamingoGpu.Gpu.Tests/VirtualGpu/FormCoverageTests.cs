using System.Globalization;
using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>Every form the reader accepts is one the virtual GPU can execute.</summary>
public class FormCoverageTests
{
    private static readonly string[] RegisterTypes = ["pred", "b16", "u16", "s16", "f16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"];

    [Fact]
    public void Load_AnExampleOfEveryForm_Compiles()
    {
        using var device = new VirtualDevice();
        var examples = InstructionForms.All.SelectMany(Examples).Distinct().ToArray();
        Assert.True(examples.Length > 1000, $"only {examples.Length} examples");
        var body = string.Join("\n", examples);
        var module = device.Load(Kernel(body));
        Assert.Equal(examples.Length + 1, module.Kernel("test").Ptx.Instructions.Count);
    }

    private static string Kernel(string body)
    {
        var registers = string.Join("\n", RegisterTypes.Select(type => $".reg .{type} %{type}_<128>;"));
        return $$"""
            .version 8.0
            .target sm_90a
            .address_size 64
            .visible .entry test(.param .align 16 .b8 block[64])
            {
            {{registers}}
            {{body}}
            LABEL: ret;
            }
            """;
    }

    /// <summary>The first choice of every modifier, then each other choice of each of them.</summary>
    private static IEnumerable<string> Examples(InstructionForm form)
    {
        var columns = form.Row.Split('|', 3, StringSplitOptions.TrimEntries);
        var words = columns[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var elements = words.Skip(1).Select(Choices).ToArray();
        for (var varied = -1; varied < elements.Length; varied++)
        {
            foreach (var choice in varied < 0 ? [0] : Enumerable.Range(0, elements[varied].Length))
            {
                var chosen = elements.Select((all, i) => all[i == varied ? choice : 0]).ToArray();
                var captures = words.Skip(1).Select((w, i) => (Name: w[0] == '$' ? w[1] : ' ', Value: chosen[i]))
                    .Where(c => c.Name != ' ').ToDictionary(c => c.Name, c => c.Value);
                if (Text(words[0], chosen, columns[2], captures) is { } text) yield return text;
            }
        }
    }

    private static string[] Choices(string word)
    {
        var text = word[0] == '$' ? word[3..] : word;
        var choices = text.TrimEnd('?').Split(',');
        return text.EndsWith('?') ? ["", .. choices] : choices;
    }

    private static string? Text(string opcode, string[] modifiers, string operands, Dictionary<char, string> captures)
    {
        var parts = operands.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var texts = new List<string>();
        for (var i = 0; i < parts.Length; i++)
        {
            if (Operand(parts[i], captures, i) is not { } text) return null;
            texts.Add(text);
        }

        return $"{opcode}{string.Concat(modifiers.Where(m => m.Length > 0).Select(m => "." + m))} {string.Join(", ", texts)};";
    }

    private static string? Operand(string rule, Dictionary<char, string> captures, int index)
    {
        rule = rule.TrimStart('=', '~');
        if (rule == "label") return "LABEL";
        if (rule[0] == '#') return rule[1..].Split("..")[0].Split(',')[0];
        if (rule[0] == '[')
        {
            var space = rule[1..rule.IndexOf(':', StringComparison.Ordinal)];
            if (space == "S") space = captures.GetValueOrDefault('S', "");
            var size = rule.Contains('T', StringComparison.Ordinal) ? PtxTypes.Parse(captures['T']).ByteSize() : 1;
            var count = rule.Contains("*V", StringComparison.Ordinal) && captures.GetValueOrDefault('V', "") is { Length: > 0 } v ? v[1] - '0' : 1;
            if (size * count > 16) return null;
            return space == "param" ? "[block]" : "[%b64_7]";
        }

        var pair = rule.EndsWith("|pred", StringComparison.Ordinal) ? "|%pred_3" : "";
        rule = rule.Replace("|pred", "", StringComparison.Ordinal).TrimStart('!');
        var name = rule.TrimEnd('#', '@', '+');
        var vector = 0;
        if (rule.Split('*') is [var left, var times])
        {
            name = left.TrimEnd('#', '@', '+');
            vector = times switch
            {
                "V" => captures.GetValueOrDefault('V', "") is { Length: > 0 } v ? v[1] - '0' : 0,
                "X" => captures['X'][1] - '0',
                "N" => int.Parse(captures['N'].AsSpan(4, captures['N'].Length - 7), CultureInfo.InvariantCulture) / 2,
                _ => times[0] - '0',
            };
        }

        var register = RegisterFor(name, captures);
        return vector == 0
            ? $"%{register}_{index}{pair}"
            : $"{{{string.Join(", ", Enumerable.Range(0, vector).Select(i => $"%{register}_{i}"))}}}";
    }

    private static string RegisterFor(string name, Dictionary<char, string> captures)
    {
        var type = name switch
        {
            "T" => captures['T'],
            "U" => captures['U'],
            "2T" => captures['T'] switch { "u16" => "u32", "s16" => "s32", "u32" => "u64", _ => "s64" },
            _ => name,
        };
        return type switch
        {
            "b8" or "u8" or "s8" => "b32",
            "bf16" => "b16",
            "f16x2" or "bf16x2" => "b32",
            _ => type,
        };
    }
}
