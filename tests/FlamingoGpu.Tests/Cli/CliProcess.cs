using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FlamingoGpu.Tests.Cli;

/// <summary>The real executable as a child process.</summary>
internal sealed class CliProcess : IDisposable
{
    private const int TimeoutMilliseconds = 60_000;
    private readonly Task<string> _error;

    private CliProcess(Process process)
    {
        Process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public Process Process { get; }

    public string Error => _error.GetAwaiter().GetResult();

    public static CliProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "flamingo-run"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("FLAMINGO_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        return new CliProcess(Process.Start(start)!);
    }

    public static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var child = Start(arguments);
        child.Process.StandardInput.Close();
        var output = child.Process.StandardOutput.ReadToEnd();
        return (child.WaitForCode(), output, child.Error);
    }

    public int WaitForCode()
    {
        Assert.True(Process.WaitForExit(TimeoutMilliseconds), "the process did not end");
        return Process.ExitCode;
    }

    /// <summary>Waits for the first character of generated text: generation is running.</summary>
    public char ReadFirst()
    {
        var first = new char[1];
        Assert.Equal(1, Process.StandardOutput.Read(first, 0, 1));
        return first[0];
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(Process.Id, signal));

    public void Dispose()
    {
        if (!Process.HasExited) Process.Kill();
        Process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
