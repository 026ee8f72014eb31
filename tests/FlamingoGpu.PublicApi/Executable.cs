using System.Diagnostics;

namespace FlamingoGpu.PublicApi;

/// <summary>The built flamingo-run, run as a user runs it.</summary>
internal static class Executable
{
    /// <summary>Splits at spaces; double quotes hold words together.</summary>
    private static List<string> Split(string command)
    {
        var words = new List<string> { "" };
        var quoted = false;
        foreach (var c in command)
        {
            if (c == '"') quoted = !quoted;
            else if (c == ' ' && !quoted) words.Add("");
            else words[^1] += c;
        }

        return words;
    }

    /// <summary>Runs a command line in a folder.</summary>
    public static (int ExitCode, string Output, string Errors) Run(string arguments, string folder)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Repository.Executable);
        foreach (var argument in Split(arguments)) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
