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

    /// <summary>For every verb.</summary>
    public static readonly FlagGroup Common = new("Output", Json, Verbose, Config);

    /// <summary>For verbs that generate text.</summary>
    public static readonly FlagGroup Streaming = new("Streaming", NoStream);
}
