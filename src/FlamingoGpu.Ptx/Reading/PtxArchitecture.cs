using System.Globalization;

namespace FlamingoGpu.Ptx.Reading;

/// <summary>The chip a text is written for.</summary>
/// <param name="Number">90 for <c>sm_90</c> and <c>sm_90a</c>.</param>
/// <param name="IsArchitectureSpecific">True for <c>sm_90a</c>: the text may use what only this chip has, and runs on
/// no other; without it a text runs on this chip and all later ones.</param>
public readonly record struct PtxArchitecture(int Number, bool IsArchitectureSpecific = false)
{
    private static readonly int[] Numbers =
        [50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121];

    /// <summary>True when a device of that compute capability, such as 80 for 8.0, runs the text.</summary>
    public bool RunsOn(int capability) => IsArchitectureSpecific ? capability == Number : capability >= Number;

    /// <summary>As written: <c>sm_90a</c>.</summary>
    public override string ToString() =>
        $"sm_{Number.ToString(CultureInfo.InvariantCulture)}{(IsArchitectureSpecific ? "a" : "")}";

    /// <summary>Null for what this reader does not know; of the architecture-specific ones it knows sm_90a.</summary>
    internal static PtxArchitecture? Parse(string text)
    {
        if (text == "sm_90a") return new PtxArchitecture(90, IsArchitectureSpecific: true);
        return text.StartsWith("sm_", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && Numbers.Contains(number)
            ? new PtxArchitecture(number)
            : null;
    }
}
