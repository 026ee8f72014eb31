namespace FlamingoGpu.PublicApi;

/// <summary>Every command the README shows is run with the built executable, from the repository's root.</summary>
public sealed class ReadmeCommands
{
    private const string RunProject = "dotnet run -c Release --project src/FlamingoGpu.Cli -- ";

    public static TheoryData<string> Commands => [.. ShellLines().Where(line => line != "dotnet test -c Release")];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Readme_Command_Succeeds(string command)
    {
        var arguments = command.StartsWith(RunProject, StringComparison.Ordinal)
            ? command[RunProject.Length..]
            : command.StartsWith("flamingo-run ", StringComparison.Ordinal)
                ? command["flamingo-run ".Length..]
                : throw new InvalidOperationException($"the README shows '{command}', which no test knows how to run.");
        var (exitCode, output, errors) = Executable.Run(arguments, Repository.Root);

        Assert.True(exitCode == 0, $"exit code {exitCode}\n{output}\n{errors}");
        Assert.NotEqual("", output.Trim());
    }

    [Fact]
    public void Readme_TestCommand_IsTheOneOfContinuousIntegration()
    {
        Assert.Contains("dotnet test -c Release", ShellLines());
        Assert.Contains("dotnet test -c Release", File.ReadAllText(Path.Combine(Repository.Root, ".ci", "run")), StringComparison.Ordinal);
    }

    private static IEnumerable<string> ShellLines()
    {
        var inside = false;
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "README.md")))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) inside = line == "```sh";
            else if (inside && line.Length > 0) yield return line;
        }
    }
}
