using System.CommandLine;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary><c>config show</c>: which value each option has, and who said so.</summary>
internal sealed class ConfigCommand : CliCommand
{
    private readonly Argument<string?> _action;

    /// <summary>Declares flags and arguments.</summary>
    public ConfigCommand()
        : base(
            "config", "Show the value of every option and where it comes from: flag, environment, configuration file "
                + "or default.",
            "config show --config flamingo-run.json --temp 0.5")
    {
        _action = TakeArgument("show", "The word 'show'.");
        Take(
            PromptFlags.Text, PromptFlags.Pictures, ModelFlags.Files, SamplingFlags.All,
            ModelFlags.Running, OutputFlags.Common, OutputFlags.Streaming);
    }

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        if (settings.Get(_action) is not "show")
            throw new InvalidRequestException("config has one action: 'config show'.");
        ModelFlags.Read(settings); // a value that is not understood is an error here, too
        SamplingFlags.Read(settings);
        var rows = Flags.Select(flag => (Flag: flag, Value: Value(settings, flag), Origin: Where(settings, flag)));
        if (settings.Get(OutputFlags.Json))
        {
            JsonOutput.Write(context.Output, json =>
            {
                json.WriteStartObject();
                foreach (var (flag, value, origin) in rows)
                {
                    json.WriteStartObject(flag.Key);
                    json.WriteString("value", value);
                    json.WriteString("origin", origin);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            });
            return ExitCodes.Ok;
        }

        var table = new TextTable("option", "value", "from");
        foreach (var (flag, value, origin) in rows) table.Add(flag.Key, value, origin);
        table.Write(context.Output);
        return ExitCodes.Ok;
    }

    private static string Value(Settings settings, Flag flag)
    {
        var (texts, _) = settings.Given(flag);
        if (texts.Count > 0) return string.Join(", ", texts);
        return flag.IsSwitch ? "false" : flag.DefaultText;
    }

    private static string Where(Settings settings, Flag flag) => settings.OriginOf(flag) switch
    {
        Origin.Default => "default",
        Origin.Flag => "command line",
        _ => settings.Given(flag).Source,
    };
}
