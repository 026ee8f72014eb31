using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// Named tensors in one or several files: safetensors (single or sharded) or torch zip archives. Opening checks every
/// header; data is mapped, not copied. Reading is safe from several threads; disposing unmaps, after which no
/// <see cref="TensorData"/> of this source may be used.
/// </summary>
public interface ITensorSource : IDisposable
{
    /// <summary>The file or folder as the user named it, for messages.</summary>
    string Location { get; }

    /// <summary>All tensors, in the order of the file (shards in the order of their names).</summary>
    IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>Finds a tensor by its exact name.</summary>
    bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TensorEntry? entry);

    /// <summary>
    /// The tensor's bytes, contiguous in row-major order, little-endian. Lives as long as the source.
    /// </summary>
    /// <exception cref="InvalidFileException">
    /// The data cannot be read (for example a damaged compressed entry).
    /// </exception>
    TensorData Read(TensorEntry entry);

    /// <summary>
    /// Gives the memory of pages read so far back to the system; reading again brings them back from the file. For use
    /// after the tensors were copied elsewhere.
    /// </summary>
    void ReleasePages();
}
