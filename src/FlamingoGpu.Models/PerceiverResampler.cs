using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// Turns the visual tokens of an image or clip into a fixed number of latents (Flamingo 2022, §3.1.1; open_flamingo
/// helpers.py PerceiverResampler). Frame embeddings are added to every patch of their frame, media-time embeddings to
/// every feature of their medium; both are optional and absent from the releases.
/// </summary>
public sealed class PerceiverResampler
{
    private readonly Weight _latents; // [latents, width]
    private readonly Weight? _frameEmbeddings; // [maxFrames, width]
    private readonly Weight? _mediaTimeEmbeddings; // [maxMedia, 1, width]
    private readonly (PerceiverAttention Attention, FeedForward FeedForward)[] _layers;
    private readonly Norm _norm;
    private readonly long _width;

    /// <summary>Takes the tensors from the scope (<c>perceiver.</c> in a checkpoint).</summary>
    public PerceiverResampler(WeightScope scope, ResamplerConfig config, int width)
    {
        Config = config;
        _width = width;
        _latents = scope.Vector("latents", [config.Latents, width]);
        if (config.MaxFrames > 0) _frameEmbeddings = scope.Vector("frame_embs", [config.MaxFrames, width]);
        if (config.MaxMedia > 0) _mediaTimeEmbeddings = scope.Vector("media_time_embs", [config.MaxMedia, 1, width]);
        _layers = new (PerceiverAttention, FeedForward)[config.Depth];
        for (var i = 0; i < config.Depth; i++)
        {
            var layer = scope["layers"][i];
            _layers[i] = (
                new PerceiverAttention(layer["0"], width, config.Heads, config.HeadDim),
                new FeedForward(layer["1"], width, (long)width * config.FeedForwardFactor, config.Activation));
        }

        _norm = new Norm(scope["norm"], width);
    }

    /// <summary>Sizes and choices.</summary>
    public ResamplerConfig Config { get; }

    /// <summary>Resamples media.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[batch · media, frames, patches, width].</param>
    /// <param name="firstMedium">Number of the first medium within its sequence; only matters for media-time
    /// embeddings.</param>
    /// <param name="mediaPerSequence">Medium i of x is number firstMedium + i mod this within its sequence.</param>
    /// <returns>[batch · media, latents, width].</returns>
    public Value Forward(GraphBuilder g, Value x, int firstMedium = 0, int mediaPerSequence = 1)
    {
        var (media, frames, patches) = (x.Shape[0], x.Shape[1], x.Shape.Int(2));
        if (_frameEmbeddings is not null)
        {
            RequireRows("frames", frames, Config.MaxFrames);
            x = g.Apply(new AddRows(patches), x, GraphBuilder.Rows(g.Constant(_frameEmbeddings), 0, frames));
        }

        x = GraphBuilder.Reshape(x, [media, frames * patches, _width]); // frames outermost
        if (_mediaTimeEmbeddings is not null)
        {
            RequireRows("media", firstMedium + mediaPerSequence, Config.MaxMedia);
            var table = GraphBuilder.Reshape(g.Constant(_mediaTimeEmbeddings), [Config.MaxMedia, _width]);
            x = g.Apply(new AddRows((int)(frames * patches)), x, GraphBuilder.Rows(table, firstMedium, mediaPerSequence));
        }

        var latents = g.Apply(new RepeatRows(media), g.Constant(_latents)); // [media, latents, width]
        for (var i = 0; i < _layers.Length; i++)
        {
            using var scope = g.Scope($"layer{i}");
            latents = _layers[i].Attention.Forward(g, x, latents, residual: latents);
            latents = _layers[i].FeedForward.Forward(g, latents, residual: latents);
        }

        return _norm.ForwardWide(g, latents);
    }

    private static void RequireRows(string what, long needed, int available)
    {
        if (needed > available)
            throw new InvalidRequestException(
                $"the resampler has embeddings for {available} {what}, the prompt needs {needed}; send fewer {what}.");
    }
}
