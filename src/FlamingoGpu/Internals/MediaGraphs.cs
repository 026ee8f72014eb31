using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;

namespace FlamingoGpu;

/// <summary>
/// Graphs from pixels to latents. They depend on how many media there are and on nothing else of a request, so that
/// requests of all sizes share them. Not safe for concurrent use.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="activations">Type of activations within a block.</param>
internal sealed class MediaGraphs(FlamingoModel model, DType activations)
{
    private const int Capacity = 16;

    private readonly Dictionary<(int Media, int Frames, int Position), ComputeGraph> _made = [];

    /// <summary>The graph; made at the first call with these numbers.</summary>
    /// <param name="media">Media in the run.</param>
    /// <param name="frames">Frames of each, 1 for images.</param>
    /// <param name="position">Number of the media within their sequences, for media-time embeddings.</param>
    public ComputeGraph For(int media, int frames, int position)
    {
        if (_made.TryGetValue((media, frames, position), out var known)) return known;
        if (_made.Count == Capacity) _made.Clear();
        var graph = model.MediaGraph(media, frames, position, activations: activations);
        _made.Add((media, frames, position), graph);
        return graph;
    }
}
