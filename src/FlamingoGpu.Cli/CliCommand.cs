using System.CommandLine;

namespace FlamingoGpu.Cli;

/// <summary>
/// A verb: which flags it takes, how it reads them, what it prints. What it does is done by the library.
/// </summary>
internal abstract class CliCommand : Command
{
    private readonly List<FlagGroup> _groups = [];

    /// <summary>Names the verb.</summary>
    protected CliCommand(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    /// <summary>Command lines that work on the shipped model, without the program's name.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>The flags it takes, by group.</summary>
    public IReadOnlyList<FlagGroup> Groups => _groups;

    /// <summary>The flags it takes.</summary>
    public IEnumerable<Flag> Flags => _groups.SelectMany(group => group.Flags).Distinct();

    /// <summary>Runs the verb.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public abstract int Run(Settings settings, CliContext context);

    /// <summary>Takes groups of flags.</summary>
    protected void Take(params ReadOnlySpan<FlagGroup> groups)
    {
        foreach (var group in groups)
        {
            _groups.Add(group);
            foreach (var flag in group.Flags)
            {
                if (!Options.Contains(flag.Option)) Options.Add(flag.Option);
            }
        }
    }

    /// <summary>An argument without a name in front that may be left out.</summary>
    protected Argument<string?> TakeArgument(string name, string description)
    {
        var argument = new Argument<string?>(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(argument);
        return argument;
    }
}
