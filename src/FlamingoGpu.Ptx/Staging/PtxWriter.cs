using System.Globalization;
using System.Text;

namespace FlamingoGpu.Ptx;

/// <summary>Writes a staged kernel as PTX: the same kernel gives the same bytes, on every machine.</summary>
internal static class PtxWriter
{
    private const int CommentColumn = 72;

    private static readonly (RegisterKind Kind, string Type, string Prefix)[] s_files =
    [
        (RegisterKind.Predicate, ".pred", "%p"),
        (RegisterKind.Bits16, ".b16", "%h"),
        (RegisterKind.Bits32, ".b32", "%r"),
        (RegisterKind.Bits64, ".b64", "%rd"),
        (RegisterKind.Float32, ".f32", "%f"),
    ];

    /// <summary>The text of one module with one entry.</summary>
    /// <param name="emitter">The kernel.</param>
    /// <param name="code">Its cleaned instructions.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="isDependent">True for the text that may be launched before its predecessor is done.</param>
    public static string Write(
        Emitter emitter, List<Instruction> code, IReadOnlyList<KernelParameter> parameters, bool isDependent)
    {
        var counts = Number(code);
        var text = new StringBuilder();
        var target = isDependent ? emitter.Target.With(PtxTarget.DependentLaunch) : emitter.Target;
        Line(text, $".version {target.Version}\n.target {target.Name}\n.address_size 64\n");
        if (emitter.Shared.DynamicBytes > 0)
            Line(text, $".extern .shared .align {emitter.Shared.DynamicAlignment} .b8 {SharedLayout.DynamicName}[];\n");
        Line(text, $".visible .entry {emitter.Kernel}(");
        for (var i = 0; i < parameters.Count; i++)
        {
            var comma = i + 1 < parameters.Count ? "," : "";
            Line(text, $"    .param .{parameters[i].Type} {KernelParameter.Symbol(parameters[i].Name)}{comma}");
        }

        var block = emitter.Block!.Value;
        Line(text, $")\n.maxntid {block.X}, {block.Y}, {block.Z}\n.minnctapersm 1\n{{");
        foreach (var (kind, type, prefix) in s_files)
            if (counts[(int)kind] > 0) Line(text, $"    .reg {type} {prefix}<{counts[(int)kind]}>;");
        foreach (var (name, alignment, bytes) in emitter.Shared.Arrays)
            Line(text, $"    .shared .align {alignment} .b8 {name}[{bytes}];");
        text.Append('\n');
        foreach (var instruction in code)
            if (isDependent || !instruction.IsForDependentLaunch) Write(text, instruction);
        return text.Append("}\n").ToString();
    }

    /// <summary>Numbers the registers in order of first appearance; returns how many each file has.</summary>
    private static int[] Number(List<Instruction> code)
    {
        var counts = new int[s_files.Length];
        foreach (var instruction in code)
        {
            foreach (var register in instruction.Read().Concat(instruction.Written()))
            {
                if (register.Number < 0) register.Number = counts[(int)register.Kind]++;
                else counts[(int)register.Kind] = Math.Max(counts[(int)register.Kind], register.Number + 1);
            }
        }

        return counts;
    }

    private static void Write(StringBuilder text, Instruction instruction)
    {
        if (instruction.IsLabel)
        {
            Line(text, $"{instruction.Label}:");
            return;
        }

        var start = text.Length;
        text.Append("    ");
        if (!instruction.Guard.IsMissing)
            text.Append(instruction.GuardIsNegated ? "@!" : "@").Append(instruction.Guard).Append(' ');
        text.Append(instruction.Mnemonic);
        var separator = " ";
        foreach (var slot in instruction.Slots)
        {
            text.Append(separator);
            slot.Write(text);
            separator = ", ";
        }

        if (instruction.Label is { } target) text.Append(' ').Append(target);
        text.Append(';');
        text.Append(' ', Math.Max(1, CommentColumn - (text.Length - start)));
        Line(text, $"// {Ascii(instruction.Site.ToString())}");
    }

    /// <summary>A file may have any name; the text, comments included, is ASCII.</summary>
    private static string Ascii(string comment) =>
        string.Create(comment.Length, comment, static (characters, from) =>
        {
            for (var i = 0; i < from.Length; i++) characters[i] = char.IsAscii(from[i]) ? from[i] : '?';
        });

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
