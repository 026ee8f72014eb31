using FlamingoGpu.Graph;

namespace FlamingoGpu;

/// <summary>
/// Media graphs bound to the arena of a request, for the few numbers of media that it meets: made at the first run of
/// a number, recorded at the second where the device records.
/// </summary>
/// <param name="graphs">The graphs; borrowed.</param>
/// <param name="compute">Where to run.</param>
/// <param name="arena">Memory for activations; borrowed.</param>
internal sealed class MediaRuns(MediaGraphs graphs, ComputeDevice compute, Arena arena) : IDisposable
{
    private const int Capacity = 4;

    private readonly Dictionary<(int Media, int Frames, int Position), GraphExecutor> _bound = [];

    /// <summary>The bound graph; valid until the next call.</summary>
    /// <param name="media">Media in the run.</param>
    /// <param name="frames">Frames of each, 1 for images.</param>
    /// <param name="position">Number of the media within their sequences, for media-time embeddings.</param>
    /// <param name="listener">Hears about every node; null costs nothing.</param>
    public GraphExecutor For(int media, int frames, int position, IExecutionListener? listener)
    {
        if (_bound.TryGetValue((media, frames, position), out var bound))
        {
            bound.Listener = listener;
            if (listener is null) bound.Record();
            return bound;
        }

        if (_bound.Count == Capacity) Dispose();
        bound = new GraphExecutor(graphs.For(media, frames, position), compute.Kernels, arena) { Listener = listener };
        _bound.Add((media, frames, position), bound);
        return bound;
    }

    /// <summary>Frees the recordings.</summary>
    public void Dispose()
    {
        foreach (var bound in _bound.Values) bound.Dispose();
        _bound.Clear();
    }
}
