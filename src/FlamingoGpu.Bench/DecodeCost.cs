using FlamingoGpu.Graph;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Bench;

/// <summary>What the graphs of a request must read and compute at least, counted on graphs that no device holds.</summary>
internal static class DecodeCost
{
    /// <summary>
    /// Parameters that one decode step reads: every constant of its graph once (the embedding is the head), so nothing
    /// of the vision side. Computed constants, such as ALiBi slopes, are no parameters.
    /// </summary>
    public static long Parameters(FlamingoModel model)
    {
        var stored = model.Weights.Weights.ToHashSet();
        return OnGraphs(
            model, images: 1, tokens: 1,
            text => text.Weights.Where(stored.Contains).Sum(weight => weight.Shape.ElementCount));
    }

    /// <summary>Floating-point operations of the text graph for a prompt.</summary>
    public static long PrefillFlops(FlamingoModel model, int tokens, int images) =>
        OnGraphs(model, images, tokens, Flops);

    /// <summary>Floating-point operations of encoding images and projecting their keys and values.</summary>
    public static long MediaFlops(FlamingoModel model, int images)
    {
        if (images == 0) return 0;
        using var device = new NullDevice();
        using var mediaKv = MediaKv(model, device, images);
        return images * Flops(model.MediaGraph(media: 1, frames: 1)) + Flops(model.ProjectMediaGraph(mediaKv));
    }

    private static long OnGraphs(FlamingoModel model, int images, int tokens, Func<ComputeGraph, long> count)
    {
        using var device = new NullDevice();
        using var cache = new KvCache(device, model.Language, batch: 1, tokens);
        using var mediaKv = images == 0 ? null : MediaKv(model, device, images);
        return count(model.TextGraph(cache, batch: 1, mediaKv, tokens, logitsRows: 1));
    }

    private static MediaKeyValues MediaKv(FlamingoModel model, NullDevice device, int images) => new(
        device, model.GatedLayers.Count, images, model.Resampler.Config.Latents,
        (long)model.Config.CrossAttention.Heads * model.Config.CrossAttention.HeadDim);

    private static long Flops(ComputeGraph graph) => graph.Nodes.Sum(node => node.Cost.Flops);
}
