using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Models;

/// <summary>
/// Writes a merged model folder (docs/model-folder.md). Every file appears whole under its name or not at all, and the
/// manifest comes last, so that half a folder is no model.
/// </summary>
internal static class ModelFolder
{
    /// <summary>Name of the one file that holds all weights.</summary>
    public const string WeightsName = "model.safetensors";

    /// <summary>Writes the folder; files of the same names are replaced.</summary>
    /// <param name="folder">Made if it does not exist.</param>
    /// <param name="config">Options the manifest states.</param>
    /// <param name="tensors">Weights under the names of a full open_flamingo state dict.</param>
    /// <param name="tokenizer">Names and bytes of the tokenizer's files, the one the manifest names first; empty for
    /// none.</param>
    /// <param name="note">Where the weights come from.</param>
    /// <param name="progress">Bytes of weights written.</param>
    /// <param name="cancellation">Stops between tensors.</param>
    /// <exception cref="FlamingoException">A file cannot be written.</exception>
    public static void Write(
        string folder, FlamingoConfig config, IReadOnlyList<TensorToWrite> tensors,
        IReadOnlyList<(string Name, byte[] Bytes)> tokenizer, string? note,
        IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var aligned = tensors.OrderByDescending(tensor => tensor.DType.BitSize()).ToList();
            SafetensorsWriter.Write(Path.Combine(folder, WeightsName), aligned, metadata: null, progress, cancellation);
            foreach (var (name, bytes) in tokenizer) Replace(Path.Combine(folder, name), bytes);
            var manifest = ModelManifest.Write(
                config, WeightsName, WeightsName, WeightsName, tokenizer.Count == 0 ? null : tokenizer[0].Name, note);
            Replace(Path.Combine(folder, ModelFiles.ManifestName), System.Text.Encoding.UTF8.GetBytes(manifest));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new FlamingoException($"{folder}: cannot be written: {error.Message}", error);
        }
    }

    private static void Replace(string path, byte[] bytes)
    {
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
