using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// A whole file mapped read-only. Positions are 64-bit, so files beyond 2 GiB need nothing special. A file that another
/// process shortens while it is mapped ends this process; no reader can prevent that.
/// </summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    private const int AdviseNotNeeded = 4;

    private readonly MemoryMappedFile? _mapping;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private bool _disposed;

    private MappedFile(string path, FileStream stream)
    {
        Path = path;
        Length = stream.Length;
        if (Length == 0)
        {
            stream.Dispose(); // An empty file cannot be mapped.
            return;
        }
        _mapping = MemoryMappedFile.CreateFromFile(
            stream, null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    /// <summary>The file as it was named.</summary>
    public string Path { get; }

    /// <summary>Size in bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>Maps an existing file.</summary>
    /// <exception cref="InvalidFileException">It is not there, is a folder, or may not be read.</exception>
    public static MappedFile Open(string path)
    {
        if (Directory.Exists(path)) throw new InvalidFileException(path, "expected a file, this is a folder.");
        try
        {
            return new MappedFile(
                path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0));
        }
        catch (FileNotFoundException error)
        {
            throw new InvalidFileException(path, "the file does not exist.", inner: error);
        }
        catch (Exception error) when (
            error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidFileException(path, $"cannot be opened: {error.Message}", inner: error);
        }
    }

    /// <summary>Address of a byte; the caller has checked the range against <see cref="Length"/>.</summary>
    public nint AddressOf(long offset)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return (nint)(_start + offset);
    }

    /// <summary>
    /// A part of the file that fits a span; the caller has checked the range against <see cref="Length"/>.
    /// </summary>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    /// <summary>Takes the file's pages out of this process; they stay in the system's cache while it has room.</summary>
    public void ReleasePages()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (OperatingSystem.IsLinux() && Length > 0) _ = Advise((nint)_start, (nuint)Length, AdviseNotNeeded);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (_view is null) return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping!.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
