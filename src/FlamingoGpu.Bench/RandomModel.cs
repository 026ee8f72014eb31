using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Models;

namespace FlamingoGpu.Bench;

/// <summary>
/// A model folder with random weights in the merged layout, as <c>convert</c> writes it, so that the bench runs through
/// the same loader as a user's model. Deleted when disposed.
/// </summary>
internal sealed class RandomModel : IDisposable
{
    private const string WeightsName = "model.safetensors";
    private const ulong Seed = 1;

    private RandomModel(string folder) => Folder = folder;

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Size of the weights file.</summary>
    public long FileBytes => new FileInfo(Path.Combine(Folder, WeightsName)).Length;

    /// <summary>Writes a model.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="dtype">Type of all tensors.</param>
    /// <param name="parent">Folder in which a new one is made.</param>
    /// <param name="cancellation">Stops between writes.</param>
    /// <exception cref="FlamingoException">It cannot be written, for example because the disk is full.</exception>
    public static RandomModel Write(FlamingoConfig config, DType dtype, string parent, CancellationToken cancellation)
    {
        var tensors = new RandomTensors(dtype, Seed);
        using (var weights = new ModelWeights())
            _ = OpenFlamingo.Build(config, OpenFlamingoScopes.Merged(part => tensors.Source(weights, part)), weights);
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"flamingo-bench-{Guid.NewGuid():N}"));
        var model = new RandomModel(folder.FullName);
        try
        {
            var path = Path.Combine(model.Folder, WeightsName);
            SafetensorsWriter.Write(path, tensors.Tensors, cancellation: cancellation);
            var manifest = ModelManifest.Write(
                config, WeightsName, WeightsName, WeightsName, tokenizer: null, "random weights of a benchmark");
            File.WriteAllText(Path.Combine(model.Folder, ModelFiles.ManifestName), manifest);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }
}
