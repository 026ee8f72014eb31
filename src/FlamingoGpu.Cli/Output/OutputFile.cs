using System.Globalization;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary>A file that appears whole: written under another name first.</summary>
internal static class OutputFile
{
    /// <summary>Writes a text.</summary>
    /// <returns>The path.</returns>
    /// <exception cref="FlamingoException">It cannot be written.</exception>
    public static string Write(string path, Action<TextWriter> write)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        write(text);
        try
        {
            var partial = $"{path}.{Guid.NewGuid():N}.partial";
            File.WriteAllText(partial, text.ToString());
            File.Move(partial, path, overwrite: true);
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FlamingoException($"{path}: cannot be written: {error.Message}", error);
        }
    }
}
