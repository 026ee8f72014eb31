using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>Turns the bytes of one picture file into a <see cref="Picture"/>. Implementations are safe from any thread.</summary>
public interface IImageDecoder
{
    /// <summary>The format's usual name, such as <c>PNG</c>.</summary>
    string FormatName { get; }

    /// <summary>True if the file's first bytes are those of this format; says nothing about the rest.</summary>
    bool Recognizes(ReadOnlySpan<byte> file);

    /// <summary>Decodes the (first) picture of the file in its own mode.</summary>
    /// <param name="file">The whole file; not kept.</param>
    /// <param name="name">Its path or a name, for messages.</param>
    /// <param name="limits">Checked against the header before the picture is allocated.</param>
    /// <param name="cancellation">Ends a decode that runs in a child process.</param>
    /// <exception cref="InvalidFileException">The file is damaged, truncated, too large or of an unsupported kind.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Picture Decode(
        ReadOnlySpan<byte> file, string name, ImageLimits limits, CancellationToken cancellation = default);
}
