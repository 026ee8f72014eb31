using System.CommandLine;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary><c>completions</c>: a script that completes command lines in a shell, by asking the parser.</summary>
internal sealed class CompletionsCommand : CliCommand
{
    private readonly Argument<string?> _shell;

    /// <summary>Declares arguments.</summary>
    public CompletionsCommand()
        : base("completions", "Print a completion script for bash, zsh, fish or pwsh.", "completions bash > /etc/bash_completion.d/flamingo-run")
    {
        _shell = TakeArgument("shell", "bash, zsh, fish or pwsh.");
        Take(OutputFlags.Common);
    }

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        context.Output.Write(settings.Get(_shell) switch
        {
            "bash" => """
                _flamingo_run() {
                    local IFS=$'\n'
                    COMPREPLY=($(compgen -W "$(flamingo-run "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
                }
                complete -o default -F _flamingo_run flamingo-run

                """,
            "zsh" => """
                #compdef flamingo-run
                _flamingo_run() {
                    local completions=("${(@f)$(flamingo-run "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)}")
                    compadd -a completions
                    _files
                }
                compdef _flamingo_run flamingo-run

                """,
            "fish" => """
                complete -c flamingo-run -a '(flamingo-run "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'

                """,
            "pwsh" => """
                Register-ArgumentCompleter -Native -CommandName flamingo-run -ScriptBlock {
                    param($word, $line, $cursor)
                    flamingo-run "[suggest:$cursor]" "$line" | Where-Object { $_ -like "$word*" } |
                        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
                }

                """,
            null => throw new InvalidRequestException("which shell: bash, zsh, fish or pwsh?"),
            var other => throw new InvalidRequestException($"no completions for '{other}'; there are bash, zsh, fish "
                + "and pwsh."),
        });
        return ExitCodes.Ok;
    }
}
