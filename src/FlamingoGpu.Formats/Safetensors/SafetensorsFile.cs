using System.Diagnostics.CodeAnalysis;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// One safetensors file, memory-mapped: opening reads the header only, whatever the file's size. Safe from several
/// threads; disposing unmaps.
/// </summary>
public sealed class SafetensorsFile : ITensorSource
{
    private readonly MappedFile _file;
    private readonly Dictionary<string, TensorEntry> _byName;

    private SafetensorsFile(MappedFile file)
    {
        _file = file;
        (var entries, Metadata) = SafetensorsHeader.Read(file);
        Entries = entries;
        _byName = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public string Location => _file.Path;

    /// <summary>All tensors, in the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>The strings under <c>__metadata__</c>; empty if the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Maps a file and checks its whole header.</summary>
    /// <exception cref="InvalidFileException">
    /// The file cannot be read, or breaks a rule of the format; the message names tensor and byte.
    /// </exception>
    public static SafetensorsFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGet(string name, [NotNullWhen(true)] out TensorEntry? entry) => _byName.TryGetValue(name, out entry);

    /// <summary>The tensor's bytes in the mapping; nothing is copied.</summary>
    /// <exception cref="ArgumentException">The entry is not one of this file's.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public TensorData Read(TensorEntry entry)
    {
        if (!_byName.TryGetValue(entry.Name, out var own) || own != entry)
            throw new ArgumentException($"tensor '{entry.Name}' is not an entry of {Location}.", nameof(entry));
        return new TensorData(_file.AddressOf(own.Offset), own.ByteLength);
    }

    /// <inheritdoc/>
    public void ReleasePages() => _file.ReleasePages();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
