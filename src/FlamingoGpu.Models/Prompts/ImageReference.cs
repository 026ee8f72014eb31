using System.Buffers.Text;
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

    /// <summary>Reads a path, relative to <paramref name="baseFolder"/>, or a <c>data:</c> URI in base64.</summary>
    internal static ImageReference Parse(JsonPart part, string baseFolder)
    {
        var text = part.Text();
        if (text.StartsWith(DataScheme, StringComparison.OrdinalIgnoreCase)) return ParseData(part, text);
        if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            throw part.Error("images are not fetched from the network; save the image and give its path.");
        }

        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
            throw part.Error("expected the path of an image or a data: URI.");
        return new ImageReference(System.IO.Path.GetFullPath(text, baseFolder), default, text);
    }

    private static ImageReference ParseData(JsonPart part, string text)
    {
        var marker = text.IndexOf(Base64Marker, StringComparison.OrdinalIgnoreCase);
        if (marker < 0) throw part.Error($"a data: URI must hold base64, marked \"{Base64Marker}\".");
        var encoded = text.AsSpan(marker + Base64Marker.Length);
        if (!Base64.IsValid(encoded, out var length) || length == 0)
            throw part.Error("the data: URI holds no valid base64.");
        var data = new byte[length];
        return Convert.TryFromBase64Chars(encoded, data, out var written)
            ? new ImageReference(null, data.AsMemory(0, written), part.Path)
            : throw part.Error("the data: URI holds no valid base64.");
    }
}
