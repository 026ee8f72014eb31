using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>Opens tensor files of any supported kind; the content decides, not the extension.</summary>
public static class TensorSources
{
    private const string IndexSuffix = ".index.json";

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
        return path.EndsWith(IndexSuffix, StringComparison.OrdinalIgnoreCase) ? ShardedTensors.Open(path) : OpenFile(path);
    }

    /// <summary>Opens one shard under the names its index uses.</summary>
    internal static ITensorSource OpenShard(string path) => OpenFile(path);

    private static ITensorSource OpenFolder(string folder)
    {
        foreach (var name in FolderNames)
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path)) return Open(path);
        }
        throw new InvalidFileException(folder, $"no weights in this folder; looked for {string.Join(", ", FolderNames)}.");
    }

    private static SafetensorsFile OpenFile(string path) => SafetensorsFile.Open(path);
}
