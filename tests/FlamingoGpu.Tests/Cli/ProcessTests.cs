using System.Text;

namespace FlamingoGpu.Tests.Cli;

/// <summary>What only a real process shows: exit codes, signals, pipes.</summary>
public class ProcessTests
{
    private const int SigInt = 2, SigTerm = 15;

    /// <summary>Some ten thousand tokens: far longer than it takes to send a signal.</summary>
    private static string[] Endless =>
        ["generate", "-m", Paths.Tiny, "hello", "-n", "20000", "-c", "20100", "--ignore-eos", "--temp", "1", "--stop", "\uFFFC"];

    [Fact]
    public void Generate_Process_PrintsNothingButTextOnOutput()
    {
        var (code, output, error) = CliProcess.Run("caption", "-m", Paths.Tiny, Paths.Photo, "--verbose");
        Assert.Equal(0, code);
        Assert.Equal(CliRun.Tiny("caption", Paths.Photo).Output, output);
        Assert.EndsWith("\n", output, StringComparison.Ordinal);
        Assert.Contains("decode", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', error); // no progress where nobody watches
    }

    [Fact]
    public void Generate_WrongOption_ProcessEndsWith2()
    {
        var (code, output, error) = CliProcess.Run("caption", "--no-such-option", "-m");
        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SigInt, 130)]
    [InlineData(SigTerm, 143)]
    public void Generate_SignalWhileGenerating_StopsKeepingText(int signal, int expected)
    {
        using var child = CliProcess.Start(Endless);
        var output = new StringBuilder().Append(child.ReadFirst());
        child.Signal(signal);
        output.Append(child.Process.StandardOutput.ReadToEnd());
        Assert.Equal(expected, child.WaitForCode());
        Assert.EndsWith("\n", output.ToString(), StringComparison.Ordinal); // it stopped gently: the line was ended
        Assert.Equal("", child.Error);
    }

    [Fact]
    public void Generate_ReaderLeaves_EndsQuietly()
    {
        using var child = CliProcess.Start(Endless);
        child.ReadFirst();
        child.Process.StandardOutput.Close();
        Assert.Equal(0, child.WaitForCode());
        Assert.Equal("", child.Error);
    }

    [Fact]
    public void Generate_Process_StreamsWhileItGenerates()
    {
        using var child = CliProcess.Start(Endless);
        child.ReadFirst();
        Assert.False(child.Process.HasExited);
        child.Signal(SigInt);
        child.Process.StandardOutput.ReadToEnd();
        child.WaitForCode();
    }
}
