using FlamingoGpu.Core;

namespace FlamingoGpu.Models;

/// <summary>
/// Where the parts of a model are on disk. OpenFlamingo is published in three places (CLIP, language model,
/// checkpoint), so users have either three paths or one folder that holds or names them.
/// </summary>
public sealed record ModelFiles
{
    /// <summary>Name of the manifest in a model folder.</summary>
    public const string ManifestName = "flamingo.json";

    /// <summary>File or folder of the vision tower.</summary>
    public required string Vision { get; init; }

    /// <summary>File or folder of the language model.</summary>
    public required string Language { get; init; }

    /// <summary>File or folder of the checkpoint: resampler, gated blocks, embedding.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>Folder or <c>tokenizer.json</c> of the tokenizer; the language model's folder when null.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>The manifest, when there is one.</summary>
    public ModelManifest? Manifest { get; init; }

    /// <summary>True when one merged file holds all parts under open_flamingo's full names.</summary>
    public bool IsMerged => Vision == Checkpoint && Language == Checkpoint;

    /// <summary>
    /// Finds the parts in a folder: by its <c>flamingo.json</c>, or by the names <c>vision</c>, <c>lm</c> and
    /// <c>checkpoint.*</c>.
    /// </summary>
    /// <exception cref="InvalidFileException">The folder is no model; says what was looked for.</exception>
    public static ModelFiles Locate(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InvalidFileException(folder, "no such folder; --model takes a folder with flamingo.json, or with vision, lm and checkpoint.");
        var manifestPath = Path.Combine(folder, ManifestName);
        if (File.Exists(manifestPath)) return ModelManifest.Read(manifestPath).Files(folder);
        var vision = Existing(folder, "vision");
        var language = Existing(folder, "lm");
        var checkpoint = Existing(folder, "checkpoint.safetensors", "checkpoint.pt", "checkpoint");
        if (vision is null || language is null || checkpoint is null)
        {
            throw new InvalidFileException(
                folder,
                $"is no model folder: it has no {ManifestName}, and not all of vision, lm and checkpoint.safetensors (or checkpoint.pt). "
                + "Give --vision, --lm and --checkpoint, or make a folder with 'flamingo-run convert'.");
        }

        return new ModelFiles { Vision = vision, Language = language, Checkpoint = checkpoint };
    }

    /// <summary>The path of a part, for error messages and the manifest, relative to its folder.</summary>
    internal static string? Existing(string folder, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path) || Directory.Exists(path)) return path;
        }

        return null;
    }
}
