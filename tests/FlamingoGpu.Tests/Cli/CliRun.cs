using System.Text;
using System.Text.Json;
using FlamingoGpu.Cli;

namespace FlamingoGpu.Tests.Cli;

/// <summary>One command line run inside the test's process: what it printed and ended with.</summary>
internal sealed record CliRun(int Code, string Output, string Error)
{
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Output);
            return document.RootElement.Clone();
        }
    }

    /// <summary>Text without the line feed that ends it.</summary>
    public string Text => Output.EndsWith('\n') ? Output[..^1] : Output;

    public static CliRun Of(params string[] arguments) => With([], [], arguments);

    public static CliRun With(byte[] input, (string Name, string Value)[] environment, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        return With(output, input, environment, arguments);
    }

    public static CliRun With(StringWriter output, byte[] input, (string Name, string Value)[] environment, params string[] arguments) =>
        With(output, input, environment, errorIsTerminal: false, arguments);

    public static CliRun OnTerminal(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        return With(output, [], [], errorIsTerminal: true, arguments);
    }

    private static CliRun With(
        StringWriter output, byte[] input, (string Name, string Value)[] environment, bool errorIsTerminal, string[] arguments)
    {
        using var error = new StringWriter { NewLine = "\n" };
        using var interrupts = Interrupts.None();
        using var context = new CliContext(
            new MemoryStream(input), output, error, name => environment.FirstOrDefault(item => item.Name == name).Value, interrupts)
        {
            ErrorIsTerminal = errorIsTerminal,
        };
        var code = CliApplication.Run(arguments, context);
        return new CliRun(code, output.ToString(), error.ToString());
    }

    /// <summary>A command on the shipped model.</summary>
    public static CliRun Tiny(string verb, params string[] arguments) => Of([verb, "-m", Paths.Tiny, .. arguments]);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
