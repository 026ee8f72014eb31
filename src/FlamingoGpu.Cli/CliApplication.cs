using System.CommandLine;
using System.CommandLine.Help;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary>The command tree, and the way from arguments to an exit code.</summary>
internal static class CliApplication
{
    private const string DefaultVerb = "generate";

    private static readonly ParserConfiguration Parser =
        new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>All verbs. A new one is a file in Verbs and a line here.</summary>
    public static IReadOnlyList<CliCommand> Verbs { get; } =
    [
        new GenerateCommand(),
        new CaptionCommand(),
        new VqaCommand(),
        new ScoreCommand(),
        new TokenizeCommand(),
        new InspectCommand(),
        new ConvertCommand(),
        new ParityCommand(),
        new BenchCommand(),
        new ProfileCommand(),
        new KernelsCommand(),
        new DoctorCommand(),
        new DevicesCommand(),
        new ConfigCommand(),
        new TinyCommand(),
        new CompletionsCommand(),
        new ReferenceCommand(),
    ];

    /// <summary>The parser's tree.</summary>
    public static RootCommand Root { get; } = MakeRoot();

    /// <summary>Every flag of every verb once.</summary>
    public static IReadOnlyList<Flag> AllFlags { get; } = [.. Verbs.SelectMany(verb => verb.Flags).Distinct()];

    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, CliContext context)
    {
        var verbose = false;
        try
        {
            arguments = WithVerb(arguments);
            var parse = Root.Parse(arguments, Parser);
            if (parse.Errors.Count > 0) return ReportUsage(parse, context);
            if (parse.CommandResult.Command is not CliCommand command || parse.Action is not null)
            {
                var code = parse.Invoke(new InvocationConfiguration { Output = context.Output, Error = context.Error, EnableDefaultExceptionHandler = false });
                context.Output.Flush();
                return code;
            }

            var settings = new Settings(parse, arguments, command.Flags, AllFlags, context.Environment);
            verbose = settings.Get(OutputFlags.Verbose);
            var result = command.Run(settings, context);
            context.Output.Flush();
            return result;
        }
        catch (OutputClosedException)
        {
            return ExitCodes.Ok;
        }
        catch (OperationCanceledException)
        {
            return context.Interrupts.ExitCode;
        }
        catch (Exception error)
        {
            return Report(error, verbose, context.Error);
        }
    }

    /// <summary>A command line that begins with no verb generates.</summary>
    private static IReadOnlyList<string> WithVerb(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return ["--help"];
        var first = arguments[0];
        var isVerb = Root.Subcommands.Any(verb => verb.Name == first) || first.StartsWith('[')
            || first is "--help" or "-h" or "-?" or "/?" or "/h" or "--version";
        return isVerb ? arguments : [DefaultVerb, .. arguments];
    }

    private static RootCommand MakeRoot()
    {
        var root = new RootCommand("Runs Flamingo-family visual language models. Text goes to standard output, "
            + "everything else to standard error.");
        foreach (var verb in Verbs) root.Subcommands.Add(verb);
        foreach (var help in root.Options.OfType<HelpOption>()) help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static int ReportUsage(ParseResult parse, CliContext context)
    {
        foreach (var error in parse.Errors) context.Error.WriteLine($"error: {error.Message}");
        var command = parse.CommandResult.Command;
        context.Error.WriteLine(
            command is RootCommand
                ? "'flamingo-run --help' lists the verbs."
                : $"'flamingo-run {command.Name} --help' lists its options.");
        return ExitCodes.Usage;
    }

    private static int Report(Exception error, bool verbose, TextWriter output)
    {
        var code = error switch
        {
            InvalidRequestException => ExitCodes.Usage,
            InvalidFileException or NotSupportedException => ExitCodes.InvalidFile,
            DeviceException or OutOfMemoryException => ExitCodes.Device,
            _ => ExitCodes.Failed,
        };
        output.WriteLine($"error: {error.Message}");
        if (error is FlamingoException or NotSupportedException or OutOfMemoryException or IOException) return code; // the disk is full, say
        output.WriteLine(verbose
            ? error.ToString()
            : "This should not happen. Please report it, with the output of the same command line and --verbose.");
        return code;
    }
}
