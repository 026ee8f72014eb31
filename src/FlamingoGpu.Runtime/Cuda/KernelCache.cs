using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>
/// Assembled kernels on disk, so that a text is assembled once per driver and kind of card. The driver has a cache of
/// its own, which containers lose and read-only homes do not have. One file per text: the cubin as the driver made it
/// (a disassembler reads the file as it is), then the assembler's log, then a footer that proves both whole. A file
/// that is not whole is as good as none. What cannot be written is not kept; that is no error.
/// </summary>
/// <remarks>Safe for concurrent use, also by several processes: a file appears under its name complete.</remarks>
public sealed class KernelCache
{
    /// <summary>Environment variable with the folder, or the word <c>off</c>.</summary>
    public const string Variable = "FLAMINGO_KERNEL_CACHE";

    private const string Extension = ".flamingo.cubin";
    private const long DefaultLimit = 512L << 20;
    private const int FooterBytes = sizeof(long) + SHA256.HashSizeInBytes; // bytes of the cubin, hash of all before

    private readonly long _limitBytes;

    /// <summary>A cache in a folder, which is made when the first file is written.</summary>
    /// <param name="folder">Path, or null to keep nothing.</param>
    /// <param name="limitBytes">Bytes of all files together; the oldest are removed.</param>
    public KernelCache(string? folder, long limitBytes = DefaultLimit)
    {
        Folder = folder;
        _limitBytes = limitBytes;
    }

    /// <summary>Where the files are, or null when nothing is kept.</summary>
    public string? Folder { get; }

    /// <summary>The cache of this user: <see cref="Variable"/>, or <c>flamingo-gpu/kernels</c> in the platform's cache
    /// folder.</summary>
    /// <param name="environment">Value of a variable, null or empty when not set.</param>
    public static KernelCache OfUser(Func<string, string?> environment)
    {
        if (environment(Variable) is { Length: > 0 } value)
            return new KernelCache(value.Equals("off", StringComparison.OrdinalIgnoreCase) ? null : value);
        var caches = environment(OperatingSystem.IsWindows() ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(caches) && environment("HOME") is { Length: > 0 } home)
            caches = Path.Combine(home, ".cache");
        return new KernelCache(string.IsNullOrEmpty(caches) ? null : Path.Combine(caches, "flamingo-gpu", "kernels"));
    }

    /// <summary>Files and bytes kept now.</summary>
    public (int Files, long Bytes) Size()
    {
        var files = Files();
        return (files.Count, files.Sum(file => file.Length));
    }

    /// <summary>Name of the assembled text: the same for the same text, driver, kind of card and options.</summary>
    internal static string Key(string ptx, int driverVersion, int computeMajor, int computeMinor, string options)
    {
        var all = $"{options}\n{ptx}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
        return $"{hash}-sm_{computeMajor}{computeMinor}-cuda{driverVersion}";
    }

    /// <summary>What was kept under the key, or null.</summary>
    internal Cubin? TryRead(string key)
    {
        if (Folder is null) return null;
        byte[] file;
        try
        {
            file = File.ReadAllBytes(PathOf(key));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        if (file.Length < FooterBytes) return null;
        var payload = file.AsSpan(..^SHA256.HashSizeInBytes);
        if (!SHA256.HashData(payload).AsSpan().SequenceEqual(file.AsSpan(^SHA256.HashSizeInBytes..))) return null;
        var cubinBytes = BinaryPrimitives.ReadInt64LittleEndian(payload[^sizeof(long)..]);
        var content = payload[..^sizeof(long)];
        if (cubinBytes < 0 || cubinBytes > content.Length) return null;
        return new Cubin(content[..(int)cubinBytes].ToArray(), Encoding.UTF8.GetString(content[(int)cubinBytes..]));
    }

    /// <summary>Keeps an assembled text, and removes the oldest ones beyond the limit.</summary>
    internal void Write(string key, Cubin cubin)
    {
        if (Folder is null) return;
        var log = Encoding.UTF8.GetBytes(cubin.Log);
        var file = new byte[cubin.Image.Length + log.Length + FooterBytes];
        cubin.Image.CopyTo(file, 0);
        log.CopyTo(file, cubin.Image.Length);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(cubin.Image.Length + log.Length), cubin.Image.Length);
        SHA256.HashData(file.AsSpan(..^SHA256.HashSizeInBytes), file.AsSpan(^SHA256.HashSizeInBytes..));
        var temporary = $"{PathOf(key)}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllBytes(temporary, file);
            File.Move(temporary, PathOf(key), overwrite: true);
            Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
        }
    }

    private void Trim()
    {
        var files = Files();
        var bytes = files.Sum(file => file.Length);
        foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc))
        {
            if (bytes <= _limitBytes) return;
            bytes -= file.Length;
            TryDelete(file.FullName);
        }
    }

    /// <summary>Files of this cache, those that a killed process left half written among them.</summary>
    private List<FileInfo> Files()
    {
        try
        {
            return Folder is not null && Directory.Exists(Folder)
                ? [.. new DirectoryInfo(Folder).EnumerateFiles($"*{Extension}*")]
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // In use by another process, which is welcome to it.
        }
    }

    private string PathOf(string key) => Path.Combine(Folder!, key + Extension);
}
