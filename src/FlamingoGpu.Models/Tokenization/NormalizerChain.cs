using System.Text;
using FlamingoGpu.Formats.Tokenizer;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>Runs a tokenizer file's normaliser steps on one stretch of text.</summary>
internal sealed class NormalizerChain(IReadOnlyList<NormalizerStep> steps)
{
    /// <summary>True when the steps certainly leave the text as it is, so that no copy need be made.</summary>
    public bool LeavesAlone(ReadOnlySpan<char> text)
    {
        foreach (var step in steps)
        {
            if (step is not NormalizerStep.Unicode(var form) || !UnicodeNormalization.IsPlain(text, form)) return false;
        }

        return true;
    }

    public string Run(string text)
    {
        foreach (var step in steps)
        {
            text = step switch
            {
                NormalizerStep.Unicode(var form) => UnicodeNormalization.Normalize(text, form),
                NormalizerStep.Lowercase => Lower(text),
                NormalizerStep.Prepend(var prefix) => text.Length > 0 ? prefix + text : text,
                NormalizerStep.Replace(var literal, var content) =>
                    text.Replace(literal, content, StringComparison.Ordinal),
                NormalizerStep.Strip(var left, var right) => Strip(text, left, right),
                _ => text,
            };
        }

        return text;
    }

    private static string Strip(string text, bool left, bool right)
    {
        if (left) text = text.TrimStart();
        return right ? text.TrimEnd() : text;
    }

    /// <summary>Each character by itself; İ is the only one whose lower case is two characters.</summary>
    private static string Lower(string text)
    {
        var result = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == 0x130) result.Append("i\u0307");
            else result.Append(units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)]);
        }

        return result.ToString();
    }
}
