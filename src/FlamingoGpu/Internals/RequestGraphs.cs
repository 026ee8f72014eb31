using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu;

/// <summary>
/// The graphs and caches of one request, made for its exact sizes. Planning and running use the same code: on a
/// <see cref="NullDevice"/> it only tells sizes.
/// </summary>
internal sealed class RequestGraphs : IDisposable
{
    /// <summary>
    /// Media encoded in one run: bounds the activations of a many-shot prompt. Twice as many where activations are
    /// narrow: the rows of 16 pictures fill the multiprocessors of a large GPU with whole waves of tiles.
    /// </summary>
    public static int MediaPerRun(DType activations) => activations == DType.F32 ? 8 : 16;

    /// <summary>Makes caches and graphs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Where the caches live.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="activations">Type of activations within a block and of the media's keys and values.</param>
    /// <param name="choice">How tokens are chosen on the device (beams are ranked there too), or null when the host does
    /// it.</param>
    /// <param name="kvCache">Type of the text's keys and values; null for that of the activations.</param>
    /// <param name="allLogits">Logits of every prompt token instead of the last one of each row.</param>
    /// <param name="keepProbes">Keeps intermediate stages readable.</param>
    public RequestGraphs(
        FlamingoModel model, IDevice device, RequestShape shape, DType activations, TokenChoice? choice = null,
        DType? kvCache = null, bool allLogits = false, bool keepProbes = false)
    {
        Cache = new KvCache(device, model.Language, shape.CacheRows + shape.SpareRows, shape.Context, kvCache ?? activations);
        try
        {
            if (shape.Media > 0)
            {
                var inner = model.Config.CrossAttention.Heads * model.Config.CrossAttention.HeadDim;
                MediaKv = new MediaKeyValues(
                    device, model.GatedLayers.Count, shape.Media, model.Resampler.Config.Latents, inner, activations);
                Project = model.ProjectMediaGraph(MediaKv);
                var media = Math.Min(shape.Media, MediaPerRun(activations));
                LargestMedia = model.MediaGraph(media, shape.Frames, keepProbes: keepProbes, activations: activations);
            }

            var logitsRows = allLogits ? shape.Rows * shape.PromptTokens : shape.Rows;
            Prefill = model.TextGraph(
                Cache, shape.Rows, MediaKv, shape.PromptTokens, logitsRows, keepProbes, activations);
            if (shape.ExtendTokens > 0)
            {
                Extend = model.TextGraph(
                    Cache, shape.CacheRows, MediaKv, shape.ExtendTokens, shape.CacheRows * shape.ExtendTokens,
                    activations: activations);
            }

            if (choice is not null && shape is { NewTokens: > 1, Replicas: 1 })
            {
                State = new DecodeState(device, shape.Rows, model.Language.Vocabulary);
                DeviceStep = model.DecodeGraph(Cache, shape.Rows, MediaKv, State, choice, activations);
            }
            else if (choice is not null && shape.NewTokens > 1)
            {
                BeamStep = model.BeamStepGraph(
                    Cache, shape.Rows, shape.Replicas, MediaKv, shape.NewTokens, activations);
            }
            else if (shape.NewTokens > 0)
            {
                Decode = model.TextGraph(
                    Cache, shape.CacheRows, MediaKv, tokens: 1, shape.CacheRows, activations: activations);
            }

            ArenaBytes = All.Max(graph => graph.ArenaBytes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Keys and values of the text.</summary>
    public KvCache Cache { get; }

    /// <summary>Keys and values of the media, or null without media.</summary>
    public MediaKeyValues? MediaKv { get; }

    /// <summary>The largest media graph of the request; smaller ones fit its arena.</summary>
    public ComputeGraph? LargestMedia { get; }

    /// <summary>Latents to media keys and values.</summary>
    public ComputeGraph? Project { get; }

    /// <summary>The whole prompt.</summary>
    public ComputeGraph Prefill { get; }

    /// <summary>One token per cache row whose logits the host reads, or null when that never happens.</summary>
    public ComputeGraph? Decode { get; }

    /// <summary>State of the decode loop, when it stays on the device.</summary>
    public DecodeState? State { get; }

    /// <summary>One step of that loop, choice of the tokens included.</summary>
    public ComputeGraph? DeviceStep { get; }

    /// <summary>A continuation per cache row with all its logits, or null when nothing is scored.</summary>
    public ComputeGraph? Extend { get; }

    /// <summary>One step of a beam search that is ranked on the device.</summary>
    public ComputeGraph? BeamStep { get; }

    /// <summary>All of them.</summary>
    public IEnumerable<ComputeGraph> All =>
        new[] { LargestMedia, Project, Prefill, Decode, Extend, DeviceStep, BeamStep }.OfType<ComputeGraph>();

    /// <summary>Arena that any of the graphs fits.</summary>
    public long ArenaBytes { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cache.Dispose();
        MediaKv?.Dispose();
        State?.Dispose();
    }
}
