using System.CommandLine;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary>A flag with the type of its value.</summary>
internal sealed class Flag<T> : Flag
{
    private readonly T _fallback;
    private readonly Func<IReadOnlyList<string>, T> _parse;
    private readonly string _expected;

    /// <summary>A flag with one value.</summary>
    /// <param name="option">The parser's view.</param>
    /// <param name="parse">From text; any <see cref="FormatException"/> or <see cref="OverflowException"/> means "not
    /// that".</param>
    /// <param name="fallback">Value when nobody says anything.</param>
    /// <param name="expected">What it takes, in words.</param>
    /// <param name="defaultText">The fallback in words.</param>
    public Flag(Option option, Func<string, T> parse, T fallback, string expected, string defaultText)
        : base(option, defaultText, isRepeatable: false) =>
        (_parse, _fallback, _expected) = (texts => parse(texts[0]), fallback, expected);

    /// <summary>A flag with several values.</summary>
    public Flag(Option option, T fallback, Func<IReadOnlyList<string>, T> parse)
        : base(option, "", isRepeatable: true) =>
        (_parse, _fallback, _expected) = (parse, fallback, "texts");

    /// <summary>The value that the texts mean.</summary>
    /// <param name="given">What was given; empty for nothing.</param>
    /// <param name="source">Where, for messages: the flag's name, or <c>FLAMINGO_TOP_K</c>.</param>
    /// <exception cref="InvalidRequestException">They mean none.</exception>
    public T Parse(IReadOnlyList<string> given, string source)
    {
        if (given.Count == 0) return _fallback;
        try
        {
            return _parse(given);
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw new InvalidRequestException($"{source} is '{given[0]}'; expected {_expected}.", error);
        }
    }
}
