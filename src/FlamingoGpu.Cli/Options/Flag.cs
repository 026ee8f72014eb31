using System.CommandLine;
using System.Globalization;

namespace FlamingoGpu.Cli;

/// <summary>
/// One named option with all its faces: <c>--top-k</c> on the command line, <c>FLAMINGO_TOP_K</c> in the environment,
/// <c>top-k</c> in a configuration file. Values are texts until somebody asks for them, so that all three are checked
/// by the same code.
/// </summary>
internal abstract class Flag
{
    /// <summary>Makes a flag around the parser's option.</summary>
    protected Flag(Option option, string defaultText, bool isRepeatable)
    {
        Option = option;
        DefaultText = defaultText;
        IsRepeatable = isRepeatable;
    }

    /// <summary>The parser's view.</summary>
    public Option Option { get; }

    /// <summary>Name on the command line.</summary>
    public string Name => Option.Name;

    /// <summary>Name in a configuration file.</summary>
    public string Key => Name[2..];

    /// <summary>Name in the environment.</summary>
    public string Variable => $"FLAMINGO_{Key.ToUpperInvariant().Replace('-', '_')}";

    /// <summary>What applies when nobody says anything; empty for nothing.</summary>
    public string DefaultText { get; }

    /// <summary>True when it may be given several times.</summary>
    public bool IsRepeatable { get; }

    /// <summary>True when it stands for itself, without a value.</summary>
    public bool IsSwitch => Option is Option<bool>;

    /// <summary>A text, or null when not given.</summary>
    public static Flag<string?> Text(string name, string value, string description, params string[] aliases) =>
        Text(name, value, description, defaultText: null, aliases);

    /// <summary>A text with a default.</summary>
    public static Flag<string?> Text(string name, string value, string description, string? defaultText, string[] aliases) =>
        new(Single(name, value, description, aliases), text => text, defaultText, "a text", defaultText ?? "");

    /// <summary>Texts in the order given; empty when not given.</summary>
    public static Flag<IReadOnlyList<string>> Texts(string name, string value, string description) =>
        new(new Option<string[]>(name) { Description = description, HelpName = value, Arity = ArgumentArity.OneOrMore }, [], texts => texts);

    /// <summary>True when given.</summary>
    public static Flag<bool> Switch(string name, string description, params string[] aliases)
    {
        var option = new Option<bool>(name, aliases) { Description = description, Arity = ArgumentArity.ZeroOrOne };
        return new(option, text => text.ToLowerInvariant() switch
        {
            "true" or "1" or "on" or "yes" => true,
            "false" or "0" or "off" or "no" => false,
            _ => throw new FormatException(),
        }, fallback: false, "true or false", "");
    }

    /// <summary>A whole number, or null when not given.</summary>
    public static Flag<int?> Number(string name, string description, string defaultText = "", params string[] aliases) =>
        new(Single(name, "N", description, aliases),
            text => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), null, "a whole number", defaultText);

    /// <summary>A number, or null when not given.</summary>
    public static Flag<double?> Real(string name, string description, string defaultText = "", params string[] aliases) =>
        new(Single(name, "X", description, aliases),
            text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), null, "a number", defaultText);

    /// <summary>A value of any other kind, or null when not given.</summary>
    public static Flag<T?> Of<T>(
        string name, string value, string description, string expected, Func<string, T> parse, string defaultText = "",
        params string[] aliases)
        where T : struct =>
        new(Single(name, value, description, aliases), text => parse(text), null, expected, defaultText);

    private static Option<string> Single(string name, string value, string description, string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value, Arity = ArgumentArity.ExactlyOne };
}
