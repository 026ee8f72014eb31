using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Json;

namespace FlamingoGpu.Cli;

/// <summary>
/// The values of all flags of a command: command line, else environment, else configuration file, else default.
/// </summary>
internal sealed class Settings
{
    private const int LongestConfig = 1 << 20;
    private readonly ParseResult _parse;
    private readonly IReadOnlyList<string> _arguments;
    private readonly Dictionary<Flag, (Origin Origin, IReadOnlyList<string> Texts, string Source)> _values = [];

    /// <summary>Resolves all flags.</summary>
    /// <param name="parse">The parsed command line.</param>
    /// <param name="arguments">The command line, to tell an unknown option from a prompt.</param>
    /// <param name="flags">Flags of the command.</param>
    /// <param name="known">Flags of all commands: what a configuration file may hold.</param>
    /// <param name="environment">Variables of the environment.</param>
    /// <exception cref="InvalidFileException">The configuration file is unreadable or has an unknown key.</exception>
    public Settings(
        ParseResult parse, IReadOnlyList<string> arguments, IEnumerable<Flag> flags, IReadOnlyList<Flag> known,
        Func<string, string?> environment)
    {
        (_parse, _arguments) = (parse, arguments);
        var list = flags.ToList();
        foreach (var flag in list)
        {
            if (FromCommandLine(flag) is { } given) _values[flag] = (Origin.Flag, given, flag.Name);
            else if (environment(flag.Variable) is { Length: > 0 } text) _values[flag] = (Origin.Environment, flag.IsRepeatable ? text.Split('\n') : [text], flag.Variable);
        }

        if (!list.Contains(OutputFlags.Config) || Get(OutputFlags.Config) is not { } path) return;
        foreach (var (key, value) in JsonPart.Load(path, LongestConfig).Members())
        {
            if (!known.Any(flag => flag.Key == key))
                throw value.Error(
                    "is no option; the keys are the names of options without '--' (see 'flamingo-run config show').");
            if (list.Find(flag => flag.Key == key) is { } flag && !_values.ContainsKey(flag) && !value.IsNull)
                _values[flag] = (Origin.Config, Texts(value, flag), $"{path}: {key}");
        }
    }

    /// <summary>The value of a flag.</summary>
    /// <exception cref="InvalidRequestException">What was given is no such value.</exception>
    public T Get<T>(Flag<T> flag) =>
        _values.TryGetValue(flag, out var value) ? flag.Parse(value.Texts, value.Source) : flag.Parse([], flag.Name);

    /// <summary>Who said it.</summary>
    public Origin OriginOf(Flag flag) => _values.TryGetValue(flag, out var value) ? value.Origin : Origin.Default;

    /// <summary>The texts given for a flag, and where from; empty texts when nobody said anything.</summary>
    public (IReadOnlyList<string> Texts, string Source) Given(Flag flag) =>
        _values.TryGetValue(flag, out var value) ? (value.Texts, value.Source) : ([], "");

    /// <summary>An argument without a name, or null.</summary>
    /// <exception cref="InvalidRequestException">It is a misspelt option.</exception>
    public string? Get(Argument<string?> argument)
    {
        var text = _parse.GetValue(argument);
        if (text is { Length: > 1 } && text[0] == '-' && !_arguments.Contains("--"))
            throw new InvalidRequestException(
                $"unknown option '{text}'; 'flamingo-run {_parse.CommandResult.Command.Name} --help' lists all. A "
                    + "text that begins with '-' goes behind '--'.");
        return text;
    }

    /// <summary>All values of an argument that may be repeated.</summary>
    public IReadOnlyList<string> Get(Argument<string[]> argument) => _parse.GetValue(argument) ?? [];

    private IReadOnlyList<string>? FromCommandLine(Flag flag)
    {
        if (_parse.GetResult(flag.Option) is not { Implicit: false } result) return null;
        return result.Tokens.Count == 0 ? ["true"] : [.. result.Tokens.Select(token => token.Value)];
    }

    private static IReadOnlyList<string> Texts(JsonPart value, Flag flag)
    {
        if (value.Kind != JsonValueKind.Array) return [Text(value)];
        if (!flag.IsRepeatable) throw value.Error("takes one value, not an array.");
        return [.. value.Elements().Select(Text)];
    }

    private static string Text(JsonPart value) => value.Kind switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.Number().ToString("R", CultureInfo.InvariantCulture),
        _ => value.Text(),
    };
}
