using System.Buffers.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Json;

namespace FlamingoGpu.Models.Prompts;

/// <summary>Where an image of a prompt file comes from: a file, or bytes inside the prompt file itself.</summary>
public sealed class ImageReference
{
    private const string DataScheme = "data:";
    private const string Base64Marker = ";base64,";

    private ImageReference(string? path, ReadOnlyMemory<byte> data, string name)
    {
        Path = path;
        Data = data;
        Name = name;
    }

    /// <summary>Absolute path of the image file; null when the bytes are in <see cref="Data"/>.</summary>
    public string? Path { get; }

    /// <summary>The encoded image, PNG or JPEG or another; empty when there is a <see cref="Path"/>.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>A name for messages: the path as written, or the place of the data URI in its file.</summary>
    public string Name { get; }

    /// <summary>An image whose bytes are at hand.</summary>
    /// <param name="data">The encoded image; not copied.</param>
    /// <param name="name">A name for messages.</param>
    public static ImageReference FromBytes(ReadOnlyMemory<byte> data, string name) => new(null, data, name);

    /// <summary>An image named by a user: a path, relative to the current folder, or a <c>data:</c> URI in base64.</summary>
    /// <exception cref="InvalidRequestException">Neither; nothing is read from disk yet.</exception>
    public static ImageReference FromText(string text)
    {
        var name = text.StartsWith(DataScheme, StringComparison.OrdinalIgnoreCase) ? "data: URI" : text;
        return Parse(text, Directory.GetCurrentDirectory(), name, problem => new InvalidRequestException($"image '{Shorten(text)}': {problem}"));
    }

    /// <summary>Reads a path, relative to <paramref name="baseFolder"/>, or a <c>data:</c> URI in base64.</summary>
    internal static ImageReference Parse(JsonPart part, string baseFolder)
    {
        var text = part.Text();
        var name = text.StartsWith(DataScheme, StringComparison.OrdinalIgnoreCase) ? part.Path : text;
        return Parse(text, baseFolder, name, part.Error);
    }

    private static ImageReference Parse(string text, string baseFolder, string name, Func<string, FlamingoException> error)
    {
        if (text.StartsWith(DataScheme, StringComparison.OrdinalIgnoreCase)) return new ImageReference(null, Decode(text, error), name);
        if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            throw error("images are not fetched from the network; save the image and give its path.");
        }

        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
            throw error("expected the path of an image or a data: URI.");
        return new ImageReference(System.IO.Path.GetFullPath(text, baseFolder), default, name);
    }

    private static byte[] Decode(string text, Func<string, FlamingoException> error)
    {
        var marker = text.IndexOf(Base64Marker, StringComparison.OrdinalIgnoreCase);
        if (marker < 0) throw error($"a data: URI must hold base64, marked \"{Base64Marker}\".");
        var encoded = text.AsSpan(marker + Base64Marker.Length);
        if (!Base64.IsValid(encoded, out var length) || length == 0)
            throw error("the data: URI holds no valid base64.");
        var data = new byte[length];
        return Convert.TryFromBase64Chars(encoded, data, out var written)
            ? data.AsSpan(0, written).ToArray()
            : throw error("the data: URI holds no valid base64.");
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
