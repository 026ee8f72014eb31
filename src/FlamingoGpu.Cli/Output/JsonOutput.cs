using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FlamingoGpu.Cli;

/// <summary>One JSON document on standard output.</summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the document and a line feed.</summary>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> document)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options)) document(json);
        output.Write(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
        output.Write('\n');
        output.Flush();
    }

    /// <summary>A number, or null where JSON has none: NaN and infinity.</summary>
    public static void WriteFinite(this Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    /// <summary>Whole numbers on one line.</summary>
    public static void WriteNumbers(this Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WritePropertyName(name);
        json.WriteRawValue($"[{string.Join(", ", values)}]");
    }
}
