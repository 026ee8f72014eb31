using System.Globalization;
using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Bench;

/// <summary>Writes reports to a folder.</summary>
public static class ReportFiles
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    /// <summary>
    /// Writes <c>date-shape-dtype.json</c> and <c>.md</c>, each under another name first, so that nobody sees half a file.
    /// </summary>
    /// <param name="report">The report.</param>
    /// <param name="folder">Where; made if it does not exist. Files of these names are replaced.</param>
    /// <returns>Paths of both files.</returns>
    /// <exception cref="FlamingoException">They cannot be written.</exception>
    public static IReadOnlyList<string> Write(BenchReport report, string folder)
    {
        var date = report.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var name = Path.Combine(folder, $"{date}-{report.Shape}-{report.WeightType.ShortName()}");
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, Indented)) ReportJson.Write(writer, report);
        json.WriteByte((byte)'\n');
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        ReportText.Write(text, report);
        try
        {
            Directory.CreateDirectory(folder);
            Replace(name + ".json", json.ToArray());
            Replace(name + ".md", System.Text.Encoding.UTF8.GetBytes(text.ToString()));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FlamingoException($"{folder}: the report cannot be written: {error.Message}", error);
        }

        return [name + ".json", name + ".md"];
    }

    private static void Replace(string path, byte[] bytes)
    {
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        File.WriteAllBytes(partial, bytes);
        File.Move(partial, path, overwrite: true);
    }
}
