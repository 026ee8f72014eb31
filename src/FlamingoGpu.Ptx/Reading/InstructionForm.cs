using System.Globalization;

namespace FlamingoGpu.Ptx.Reading;

/// <summary>
/// One row of <see cref="InstructionForms"/>: an opcode, the modifiers it takes in order, its operands, and the lowest
/// <c>.version</c> and <c>.target</c> that have it.
/// </summary>
internal sealed class InstructionForm
{
    private readonly Element[] _elements;
    private readonly OperandRule[] _operands;

    public InstructionForm(string row)
    {
        Row = row;
        var columns = row.Split('|', 3, StringSplitOptions.TrimEntries);
        var needs = columns[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        MinimumVersion = Version.Parse(needs[0]);
        NeedsExactTarget = needs[1].EndsWith('a');
        MinimumTarget = int.Parse(needs[1].TrimEnd('a'), CultureInfo.InvariantCulture);
        var words = columns[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Opcode = words[0];
        _elements = [.. words.Skip(1).Select(Element.Parse)];
        _operands = [.. columns[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => new OperandRule(text))];
        DestinationCount = _operands.Count(rule => rule.IsDestination);
        ReadsDestination = _operands.Any(rule => rule.IsInPlace);
    }

    /// <summary>The row as written, its shorthands replaced.</summary>
    public string Row { get; }

    public Version MinimumVersion { get; }

    public int MinimumTarget { get; }

    /// <summary>True for what only <c>sm_NNa</c> has, and no later chip.</summary>
    public bool NeedsExactTarget { get; }

    public string Opcode { get; }

    public int OperandCount => _operands.Length;

    public int DestinationCount { get; }

    /// <summary>True when a destination is also read.</summary>
    public bool ReadsDestination { get; }

    /// <summary>True when a text of that version and target may use the form.</summary>
    public bool IsIn(Version version, PtxArchitecture target) => MinimumVersion <= version
        && (NeedsExactTarget
            ? target == new PtxArchitecture(MinimumTarget, IsArchitectureSpecific: true)
            : MinimumTarget <= target.Number);

    /// <summary>What the form asks of the header, in words.</summary>
    public string Needs => $".version {MinimumVersion} and .target sm_{MinimumTarget}"
        + (NeedsExactTarget ? "a exactly" : " or higher");

    /// <summary>What the captures stand for when the modifiers fit, otherwise null.</summary>
    public FormMatch? MatchModifiers(ReadOnlySpan<string> modifiers)
    {
        var match = new FormMatch();
        return Match(_elements, modifiers, match) ? match : null;
    }

    /// <summary>Null when the operands fit, otherwise the first thing that does not.</summary>
    public string? CheckOperands(IReadOnlyList<PtxOperand> operands, FormMatch match)
    {
        if (operands.Count != _operands.Length)
        {
            return $"takes {_operands.Length} operands, {operands.Count} are given.";
        }
        for (var i = 0; i < _operands.Length; i++)
        {
            if (_operands[i].Check(operands[i], match) is { } problem) return $"operand {i + 1}: {problem}";
        }

        return null;
    }

    private static bool Match(ReadOnlySpan<Element> elements, ReadOnlySpan<string> modifiers, FormMatch match)
    {
        if (elements.IsEmpty) return modifiers.IsEmpty;
        var element = elements[0];
        if (!modifiers.IsEmpty && element.Choices.Contains(modifiers[0]) && Match(elements[1..], modifiers[1..], match))
        {
            element.Capture(modifiers[0], match);
            return true;
        }

        return element.IsOptional && Match(elements[1..], modifiers, match);
    }

    private sealed record Element(char Name, string[] Choices, bool IsOptional)
    {
        public static Element Parse(string text)
        {
            var name = '\0';
            if (text[0] == '$')
            {
                name = text[1];
                text = text[3..];
            }

            var isOptional = text.EndsWith('?');
            return new Element(name, text.TrimEnd('?').Split(','), isOptional);
        }

        public void Capture(string modifier, FormMatch match)
        {
            switch (Name)
            {
                case 'T': match.Type = PtxTypes.Parse(modifier); break;
                case 'U': match.SourceType = PtxTypes.Parse(modifier); break;
                case 'S': match.Space = Enum.Parse<PtxSpace>(modifier, ignoreCase: true); break;
                case 'V': match.Vector = modifier[1] - '0'; break;
                case 'X': match.Matrices = modifier[1] - '0'; break;
                case 'N':
                    match.Columns = int.Parse(modifier.AsSpan(4, modifier.Length - 7), CultureInfo.InvariantCulture);
                    break;
                default: break;
            }
        }
    }
}
