using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary>What and how to print.</summary>
internal static class OutputFlags
{
    /// <summary><c>--json</c>.</summary>
    public static readonly Flag<bool> Json = Flag.Switch("--json", "Print one JSON document instead of text.");

    /// <summary><c>--verbose</c>.</summary>
    public static readonly Flag<bool> Verbose = Flag.Switch(
        "--verbose", "Print timings, memory and kernel variants on standard error, and the stack of an unexpected "
            + "error.", "-v");

    /// <summary><c>--no-stream</c>.</summary>
    public static readonly Flag<bool> NoStream = Flag.Switch(
        "--no-stream", "Print the text when it is complete instead of token by token.");

    /// <summary><c>--config</c>.</summary>
    public static readonly Flag<string?> Config = Flag.Text(
        "--config", "FILE", "JSON object with defaults; its keys are names of options without '--'.");

    /// <summary><c>--out</c>.</summary>
    public static readonly Flag<string?> Folder = Flag.Text("--out", "DIR", "Folder to write to.", "-o");

    /// <summary><c>--report</c>.</summary>
    public static readonly Flag<string?> Report = Flag.Text(
        "--report", "FILE", "Write the JSON document to a file as well, whatever is printed.");

    /// <summary>For every verb.</summary>
    public static readonly FlagGroup Common = new("Output", Json, Verbose, Config);

    /// <summary>For verbs that generate text.</summary>
    public static readonly FlagGroup Streaming = new("Streaming", NoStream);

    /// <summary>For verbs whose result is kept.</summary>
    public static readonly FlagGroup Reporting = new("Report", Report);

    /// <summary>Prints text or JSON, as <c>--json</c> says, and writes the JSON of <c>--report</c>.</summary>
    /// <exception cref="FlamingoException">The file cannot be written.</exception>
    public static void Print(
        Settings settings, CliContext context, Action<TextWriter> text, Action<Utf8JsonWriter> document)
    {
        if (settings.Get(Json)) JsonOutput.Write(context.Output, document);
        else text(context.Output);
        if (settings.Get(Report) is { } path) OutputFile.Write(path, output => JsonOutput.Write(output, document));
    }
}
