using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary>
/// Everything a command sees of the world outside, so that tests can run commands in their own process.
/// </summary>
internal sealed class CliContext(Stream input, TextWriter output, TextWriter error, Func<string, string?> environment, Interrupts interrupts)
    : IDisposable
{
    private const int LongestInput = 256 << 20;
    private bool _inputTaken;

    /// <summary>Results, and nothing else.</summary>
    public TextWriter Output => output;

    /// <summary>Messages.</summary>
    public TextWriter Error => error;

    /// <summary>A variable of the environment, or null.</summary>
    public Func<string, string?> Environment => environment;

    /// <summary>Ctrl-C and SIGTERM.</summary>
    public Interrupts Interrupts => interrupts;

    /// <summary>True when somebody watches <see cref="Error"/>, so that progress may be drawn there.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The world of this process.</summary>
    public static CliContext OfProcess(Interrupts interrupts)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new StreamWriter(StandardOutput.Open(), utf8, bufferSize: 4096) { NewLine = "\n" };
        return new CliContext(Console.OpenStandardInput(), output, Console.Error, System.Environment.GetEnvironmentVariable, interrupts)
        {
            ErrorIsTerminal = !Console.IsErrorRedirected && string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable("NO_COLOR")),
        };
    }

    /// <summary>All of standard input, which only one option can have.</summary>
    /// <exception cref="InvalidRequestException">Two options ask for it, or it is too long.</exception>
    public byte[] ReadInput(string option)
    {
        if (_inputTaken)
            throw new InvalidRequestException(
                $"{option} is '-', but standard input was already read for another '-'; use it once.");
        _inputTaken = true;
        using var buffer = new MemoryStream();
        var chunk = new byte[1 << 16];
        while (input.Read(chunk) is > 0 and var count)
        {
            if (buffer.Length + count > LongestInput)
                throw new InvalidRequestException($"{option}: standard input is longer than {LongestInput:N0} bytes.");
            buffer.Write(chunk, 0, count);
        }

        return buffer.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            output.Flush();
        }
        catch (OutputClosedException)
        {
            // Nobody reads what is left.
        }
    }
}
