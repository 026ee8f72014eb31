using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>Opens tensor files of any supported kind; the content decides, not the extension.</summary>
public static class TensorSources
{
    private const string IndexSuffix = ".index.json";
    private const int HeadBytes = 32;

    private static ReadOnlySpan<byte> LargeFilePointer => "version https://git-lfs"u8;

    /// <summary>What <see cref="Open"/> looks for in a folder, in this order.</summary>
    public static IReadOnlyList<string> FolderNames { get; } =
    [
        "model.safetensors",
        "model.safetensors.index.json",
        "open_clip_model.safetensors",
        "pytorch_model.bin",
        "pytorch_model.bin.index.json",
        "open_clip_pytorch_model.bin",
        "checkpoint.safetensors",
        "checkpoint.pt",
    ];

    /// <summary>
    /// Opens a safetensors file, a torch zip file, a shard index (<c>*.index.json</c>), or a folder that holds one of
    /// <see cref="FolderNames"/>.
    /// </summary>
    /// <exception cref="InvalidFileException">Nothing there that is supported, or the file is damaged.</exception>
    public static ITensorSource Open(string path)
    {
        if (Directory.Exists(path)) return OpenFolder(path);
        return path.EndsWith(IndexSuffix, StringComparison.OrdinalIgnoreCase)
            ? ShardedTensors.Open(path)
            : OpenFile(path, keepModulePrefix: false);
    }

    /// <summary>Opens one shard under the names its index uses.</summary>
    internal static ITensorSource OpenShard(string path) => OpenFile(path, keepModulePrefix: true);

    private static ITensorSource OpenFolder(string folder)
    {
        foreach (var name in FolderNames)
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path)) return Open(path);
        }
        throw new InvalidFileException(
            folder, $"no weights in this folder; looked for {string.Join(", ", FolderNames)}.");
    }

    /// <summary>
    /// A safetensors header begins with '{' at byte 8, where a ZIP member has its compression method. A file that shows
    /// neither mark is given to the reader its extension asks for, which says what is wrong with it.
    /// </summary>
    private static ITensorSource OpenFile(string path, bool keepModulePrefix)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        head = head[..ReadHead(path, head)];
        if (head.Length > 8 && head[8] == (byte)'{') return SafetensorsFile.Open(path);
        if (head.StartsWith("PK"u8) || TorchLegacyFormats.NameOf(head) is not null)
            return TorchArchive.Open(path, keepModulePrefix);
        if (head.StartsWith(LargeFilePointer))
        {
            throw new InvalidFileException(
                path, "is a Git LFS pointer, not the file itself; fetch that with 'git lfs pull'.", offset: 0);
        }
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".safetensors" => SafetensorsFile.Open(path),
            ".pt" or ".pth" or ".bin" or ".ckpt" => TorchArchive.Open(path, keepModulePrefix),
            _ => throw new InvalidFileException(
                path, "is neither a safetensors file nor a torch ZIP archive.", offset: 0),
        };
    }

    private static int ReadHead(string path, Span<byte> head)
    {
        using var file = MappedFile.Open(path);
        var length = (int)Math.Min(file.Length, head.Length);
        if (length > 0) file.Slice(0, length).CopyTo(head);
        return length;
    }
}
