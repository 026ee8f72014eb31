using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace FlamingoGpu.Cli;

/// <summary>The parser's help, and behind it the examples of the verb.</summary>
internal sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
{
    /// <summary>Who asks for help need not have the rest right.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        inner.MaxWidth = 120;
        inner.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not CliCommand { Examples.Count: > 0 } command) return ExitCodes.Ok;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in command.Examples) output.WriteLine($"  flamingo-run {example}");
        return ExitCodes.Ok;
    }
}
