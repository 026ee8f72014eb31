using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu;

/// <summary>
/// Turns media into latents and remembers them by content, in the memory of the device: a picture seen before costs
/// nothing. Keeps the most recently used ones. How many new media run at once decides the kernels, so latents that are
/// remembered may differ by a rounding from those that the same request would make by itself. Not safe for concurrent
/// use.
/// </summary>
public sealed class MediaEncoder : IDisposable
{
    private readonly FlamingoModel _model;
    private readonly ComputeDevice _compute;
    private readonly int _capacity;
    private readonly LinkedList<(string Key, DeviceMemory Latents)> _recent = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, DeviceMemory Latents)>> _byKey = [];
    private readonly Stack<DeviceMemory> _free = []; // memory of forgotten media, for the next ones

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

    private long LatentBytes => sizeof(float) * _model.Resampler.Config.Latents * (long)_model.Vision.Config.Width;

    /// <summary>Forgets all media, so that the next ones are encoded anew.</summary>
    public void Forget() => Trim(0);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        Forget();
        while (_free.TryPop(out var memory)) memory.Dispose();
    }

    /// <summary>Enqueues the making of the latents of all media of a request: [media, latents, visualWidth].</summary>
    /// <param name="media">The media of one row after the other.</param>
    /// <param name="positions">Number of each medium within its row (only matters for media-time embeddings).</param>
    /// <param name="runs">The graphs of the request; their arena is overwritten.</param>
    /// <param name="destination">Device address for the latents, written last.</param>
    /// <exception cref="InvalidRequestException">A medium has the wrong size.</exception>
    internal void Encode(
        IReadOnlyList<MediaPixels> media, IReadOnlyList<int> positions, MediaRuns runs, nint destination)
    {
        for (var i = 0; i < media.Count; i++) HitCount += Recall(Key(media[i], positions[i])) ? 1 : 0;
        foreach (var run in MissingRuns(media, positions)) EncodeRun(run, runs);
        for (var i = 0; i < media.Count; i++)
        {
            var latents = _byKey[Key(media[i], positions[i])].Value.Latents;
            _compute.Device.Copy(latents.Address, destination + (nint)(i * LatentBytes), LatentBytes);
        }

        Trim(_capacity);
    }

    /// <summary>
    /// Throws where latents of these media are not finite, and forgets them. Waits for the device: asked only when a
    /// result that depends on them is not finite.
    /// </summary>
    /// <exception cref="NonFiniteException">Names the node it came from.</exception>
    internal void RequireFinite(IReadOnlyList<MediaPixels> media, IReadOnlyList<int> positions, MediaRuns runs)
    {
        var latents = new float[LatentBytes / sizeof(float)];
        for (var i = 0; i < media.Count; i++)
        {
            if (!_byKey.TryGetValue(Key(media[i], positions[i]), out var known)) continue;
            _compute.Device.Download(known.Value.Latents.Address, MemoryMarshal.AsBytes(latents.AsSpan()));
            var bad = Array.FindIndex(latents, value => !float.IsFinite(value));
            if (bad < 0) continue;
            Remove(known);
            var executor = runs.For(1, media[i].Frames, Number(positions[i]), listener: null);
            _compute.Device.Upload(MemoryMarshal.AsBytes(media[i].Pixels.Span), executor.AddressOf("pixels"));
            executor.RunChecked();
            throw new NonFiniteException("latents", bad, latents[bad]);
        }
    }

    /// <summary>Groups the media not known yet into runs of equal frame count (and position, where it matters).</summary>
    private List<(MediaPixels Medium, int Position)[]> MissingRuns(
        IReadOnlyList<MediaPixels> media, IReadOnlyList<int> positions)
    {
        return [.. Enumerable.Range(0, media.Count)
            .Select(i => (Medium: media[i], Position: Number(positions[i])))
            .Where(item => !_byKey.ContainsKey(Key(item.Medium, item.Position)))
            .DistinctBy(item => Key(item.Medium, item.Position))
            .GroupBy(item => (item.Medium.Frames, item.Position))
            .SelectMany(group => group.Chunk(RequestGraphs.MediaPerRun(_compute.Activations)))];
    }

    /// <summary>Pictures of the next run are staged while the device computes this one.</summary>
    private void EncodeRun((MediaPixels Medium, int Position)[] run, MediaRuns runs)
    {
        var config = _model.Vision.Config;
        var (frames, position) = (run[0].Medium.Frames, run[0].Position);
        var numbers = frames * 3 * config.ImageHeight * config.ImageWidth;
        foreach (var (medium, _) in run)
        {
            if (medium.Pixels.Length != numbers)
                throw new InvalidRequestException(
                    $"a medium has {medium.Pixels.Length} numbers, the vision encoder takes "
                    + $"[{frames}, 3, {config.ImageHeight}, {config.ImageWidth}].");
        }

        var (device, executor) = (_compute.Device, runs.For(run.Length, frames, position, Listener));
        var pixels = executor.AddressOf("pixels");
        for (var i = 0; i < run.Length; i++)
            device.Upload(MemoryMarshal.AsBytes(run[i].Medium.Pixels.Span), pixels + (nint)sizeof(float) * i * numbers);
        executor.Run();
        EncodedCount += run.Length;
        var latents = executor.AddressOf("latents"); // [media, latents, visualWidth]
        for (var i = 0; i < run.Length; i++)
        {
            if (!_free.TryPop(out var own)) own = device.Allocate(LatentBytes, "media latents");
            device.Copy(latents + (nint)(i * LatentBytes), own.Address, LatentBytes);
            var key = Key(run[i].Medium, run[i].Position);
            _byKey[key] = _recent.AddFirst((key, own));
        }
    }

    private string Key(MediaPixels medium, int position) =>
        Number(position) > 0 ? $"{medium.ContentHash}@{position}" : medium.ContentHash;

    /// <summary>The position where it matters, else 0.</summary>
    private int Number(int position) => _model.Resampler.Config.MaxMedia > 0 ? position : 0;

    private bool Recall(string key)
    {
        if (!_byKey.TryGetValue(key, out var node)) return false;
        _recent.Remove(node);
        _recent.AddFirst(node);
        return true;
    }

    private void Trim(int count)
    {
        while (_recent.Count > count) Remove(_recent.Last!);
    }

    private void Remove(LinkedListNode<(string Key, DeviceMemory Latents)> node)
    {
        _byKey.Remove(node.Value.Key);
        _recent.Remove(node);
        if (_recent.Count + _free.Count < _capacity) _free.Push(node.Value.Latents);
        else node.Value.Latents.Dispose();
    }
}
