using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Bench;

/// <summary>
/// Peak memory of a process that does nothing but map a model and generate. Both ends: what the child runs, and how the
/// bench starts it and reads its answer.
/// </summary>
public static class PeakMemoryChild
{
    /// <summary>The option that turns <c>bench</c> into the child; its value is the model's folder.</summary>
    public const string FolderOption = "--peak-memory-of";

    private const string PeakProperty = "peak_bytes";
    private const int NewTokens = 8;

    /// <summary>What stands behind <see cref="BenchOptions.ChildCommand"/> on the child's command line.</summary>
    public static IReadOnlyList<string> Arguments(string folder, BenchOptions options)
    {
        List<string> arguments =
        [
            FolderOption, folder,
            "--context", options.Context.ToString(CultureInfo.InvariantCulture),
            "--images", options.Images.ToString(CultureInfo.InvariantCulture),
        ];
        if (options.Threads is { } threads) arguments.AddRange(["--threads", threads.ToString(CultureInfo.InvariantCulture)]);
        return arguments;
    }

    /// <summary>The child: loads the model, generates a few tokens, prints the memory it took as one line of JSON.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="context">Tokens of the prompt.</param>
    /// <param name="images">Images in it.</param>
    /// <param name="threads">Threads, or null for all cores.</param>
    /// <param name="output">Where the line goes.</param>
    /// <exception cref="FlamingoException">The model cannot be loaded or run.</exception>
    public static void Run(string folder, int context, int images, int? threads, TextWriter output)
    {
        using (var flamingo = Flamingo.Load(new FlamingoOptions { ModelPath = folder, Threads = threads }))
        {
            var prompt = RandomRequest.Make(flamingo.Model.Config, context, images);
            flamingo.Generate(prompt, new GenerationOptions { MaxNewTokens = NewTokens, BannedIds = flamingo.DefaultStopIds });
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"{PeakProperty}\": {MachineMemory.PeakBytes}}}"));
    }

    /// <summary>Starts the child and waits for its answer.</summary>
    /// <param name="command">Executable and first arguments.</param>
    /// <param name="folder">The model.</param>
    /// <param name="options">Prompt and threads.</param>
    /// <param name="cancellation">Ends the child.</param>
    /// <returns>Bytes of its largest resident set, pages of mapped files included.</returns>
    /// <exception cref="FlamingoException">The child cannot be started or fails; has its message.</exception>
    internal static long Measure(
        IReadOnlyList<string> command, string folder, BenchOptions options, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), .. Arguments(folder, options)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var child = Process.Start(start)!;
            using var ending = cancellation.Register(() => child.Kill());
            var errors = child.StandardError.ReadToEndAsync(CancellationToken.None);
            var answer = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            if (child.ExitCode != 0)
                throw new FlamingoException($"the process that generates ended with {child.ExitCode}: {errors.Result.Trim()}");
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.GetProperty(PeakProperty).GetInt64();
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or JsonException or KeyNotFoundException)
        {
            throw new FlamingoException($"the process that generates gave no figures: {error.Message}", error);
        }
    }
}
