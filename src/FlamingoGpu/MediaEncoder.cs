using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;

namespace FlamingoGpu;

/// <summary>
/// Turns media into latents and remembers them by content: a picture seen before costs nothing. Keeps the most recently
/// used ones. Not safe for concurrent use.
/// </summary>
public sealed class MediaEncoder
{
    private readonly FlamingoModel _model;
    private readonly ComputeDevice _compute;
    private readonly int _capacity;
    private readonly LinkedList<(string Key, float[] Latents)> _recent = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, float[] Latents)>> _byKey = [];

    /// <summary>Makes an encoder with an empty memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="compute">Where to run.</param>
    /// <param name="capacity">Media to remember (64 latents of 1024 are 256 KiB each).</param>
    public MediaEncoder(FlamingoModel model, ComputeDevice compute, int capacity = 256)
    {
        (_model, _compute, _capacity) = (model, compute, capacity);
    }

    /// <summary>Media that went through the vision encoder since the start.</summary>
    public long EncodedCount { get; private set; }

    /// <summary>Media that were remembered.</summary>
    public long HitCount { get; private set; }

    /// <summary>Hears about every node; null costs nothing.</summary>
    public IExecutionListener? Listener { get; set; }

    /// <summary>Forgets all media, so that the next ones are encoded anew.</summary>
    public void Forget()
    {
        _recent.Clear();
        _byKey.Clear();
    }

    /// <summary>Latents of all media of a request, one after the other: [media, latents, visualWidth].</summary>
    /// <param name="media">The media of one row after the other.</param>
    /// <param name="positions">Number of each medium within its row (only matters for media-time embeddings).</param>
    /// <param name="arena">Memory for activations.</param>
    /// <exception cref="InvalidRequestException">A medium has the wrong size.</exception>
    public float[] Encode(IReadOnlyList<MediaPixels> media, IReadOnlyList<int> positions, Arena arena)
    {
        var perMedium = (int)(_model.Resampler.Config.Latents * (long)_model.Vision.Config.Width);
        var result = new float[media.Count * (long)perMedium];
        var byKey = new Dictionary<string, float[]>();
        for (var i = 0; i < media.Count; i++)
        {
            var key = Key(media[i], positions[i]);
            if (Recall(key) is not { } latents) continue;
            HitCount++;
            byKey[key] = latents;
        }

        foreach (var run in MissingRuns(media, positions, byKey)) EncodeRun(run, byKey, perMedium, arena);
        for (var i = 0; i < media.Count; i++) byKey[Key(media[i], positions[i])].CopyTo(result.AsSpan(i * perMedium));
        return result;
    }

    /// <summary>Groups the media not known yet into runs of equal frame count (and position, where it matters).</summary>
    private IEnumerable<List<(MediaPixels Medium, int Position)>> MissingRuns(
        IReadOnlyList<MediaPixels> media, IReadOnlyList<int> positions, Dictionary<string, float[]> known)
    {
        var timed = _model.Resampler.Config.MaxMedia > 0;
        return Enumerable.Range(0, media.Count)
            .Select(i => (Medium: media[i], Position: positions[i]))
            .Where(item => !known.ContainsKey(Key(item.Medium, item.Position)))
            .DistinctBy(item => Key(item.Medium, item.Position))
            .GroupBy(item => (item.Medium.Frames, Position: timed ? item.Position : 0))
            .SelectMany(group => group.Chunk(RequestGraphs.MediaPerRun))
            .Select(run => run.ToList())
            .ToList();
    }

    private void EncodeRun(
        List<(MediaPixels Medium, int Position)> run, Dictionary<string, float[]> byKey, int perMedium, Arena arena)
    {
        var config = _model.Vision.Config;
        var (frames, position) = (run[0].Medium.Frames, run[0].Position);
        var perMediumPixels = frames * 3 * config.ImageHeight * config.ImageWidth;
        var pixels = new float[run.Count * perMediumPixels];
        for (var i = 0; i < run.Count; i++)
        {
            if (run[i].Medium.Pixels.Length != perMediumPixels)
                throw new InvalidRequestException($"a medium has {run[i].Medium.Pixels.Length} numbers, the vision encoder takes [{frames}, 3, {config.ImageHeight}, {config.ImageWidth}].");
            run[i].Medium.Pixels.Span.CopyTo(pixels.AsSpan(i * perMediumPixels));
        }

        var graph = _model.MediaGraph(run.Count, frames, position, activations: _compute.Activations);
        var executor = new GraphExecutor(graph, _compute.Kernels, arena) { Listener = Listener };
        executor.Write<float>("pixels", pixels);
        executor.Run();
        var latents = executor.Read("latents"); // [media, latents, visualWidth]
        if (Array.Exists(latents, value => !float.IsFinite(value))) executor.RunChecked();
        EncodedCount += run.Count;
        for (var i = 0; i < run.Count; i++)
        {
            var own = latents.AsSpan(i * perMedium, perMedium).ToArray();
            var key = Key(run[i].Medium, run[i].Position);
            byKey[key] = own;
            Remember(key, own);
        }
    }

    private string Key(MediaPixels medium, int position) =>
        _model.Resampler.Config.MaxMedia > 0 ? $"{medium.ContentHash}@{position}" : medium.ContentHash;

    private float[]? Recall(string key)
    {
        if (!_byKey.TryGetValue(key, out var node)) return null;
        _recent.Remove(node);
        _recent.AddFirst(node);
        return node.Value.Latents;
    }

    private void Remember(string key, float[] latents)
    {
        _byKey[key] = _recent.AddFirst((key, latents));
        if (_recent.Count <= _capacity) return;
        _byKey.Remove(_recent.Last!.Value.Key);
        _recent.RemoveLast();
    }
}
