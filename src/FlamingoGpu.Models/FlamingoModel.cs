using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// A Flamingo: vision encoder, Perceiver resampler, and a language model with gated cross-attention blocks between its
/// layers (Flamingo 2022, Figure 3; open_flamingo flamingo.py, flamingo_lm.py). Holds weights and writes graphs;
/// running them is the engine's job. Immutable and safe from several threads.
/// </summary>
public sealed class FlamingoModel : IDisposable
{
    private readonly GatedCrossAttentionBlock?[] _gatedBlocks; // one place per decoder layer

    /// <summary>Puts the parts together.</summary>
    public FlamingoModel(
        FlamingoConfig config,
        ClipVisionEncoder vision,
        PerceiverResampler resampler,
        GatedCrossAttentionBlock?[] gatedBlocks,
        ILanguageModel language,
        ModelWeights weights)
    {
        Config = config;
        Vision = vision;
        Resampler = resampler;
        Language = language;
        Weights = weights;
        _gatedBlocks = gatedBlocks;
        GatedLayers = [.. Enumerable.Range(0, gatedBlocks.Length).Where(i => gatedBlocks[i] is not null)];
    }

    /// <summary>Sizes and choices.</summary>
    public FlamingoConfig Config { get; }

    /// <summary>The vision encoder.</summary>
    public ClipVisionEncoder Vision { get; }

    /// <summary>The resampler.</summary>
    public PerceiverResampler Resampler { get; }

    /// <summary>The language model.</summary>
    public ILanguageModel Language { get; }

    /// <summary>Owner of all weights.</summary>
    public ModelWeights Weights { get; }

    /// <summary>Decoder layers that a gated block stands before, ascending.</summary>
    public IReadOnlyList<int> GatedLayers { get; }

    /// <summary>
    /// From pixels to latents. Input <c>pixels</c> [media · frames, 3, height, width]; output <c>latents</c>
    /// [media, latents, visualWidth]; probes <c>vision_tokens</c>, <c>vision_pooled</c>, <c>resampler_out</c>.
    /// </summary>
    /// <param name="media">Media in this run.</param>
    /// <param name="frames">Frames of each medium, 1 for images.</param>
    /// <param name="position">Number of these media within their sequences, for media-time embeddings.</param>
    /// <param name="keepProbes">Keeps intermediate stages readable.</param>
    /// <param name="activations">How results within a block are stored.</param>
    public ComputeGraph MediaGraph(
        int media, int frames, int position = 0, bool keepProbes = false, DType activations = DType.F32)
    {
        var g = new GraphBuilder(keepProbes, activations);
        var config = Vision.Config;
        var pixels = g.Input("pixels", TensorType.F32([(long)media * frames, 3, config.ImageHeight, config.ImageWidth]));
        Value tokens; // [media · frames, patches, width]
        using (g.Scope("vision"))
        {
            if (keepProbes)
            {
                (tokens, var pooled) = Vision.ForwardWithPooled(g, pixels);
                g.Probe("vision_tokens", tokens);
                g.Probe("vision_pooled", pooled);
            }
            else
            {
                tokens = Vision.Forward(g, pixels);
            }
        }

        using (g.Scope("resampler"))
        {
            var features = GraphBuilder.Reshape(tokens, [media, frames, config.Patches, config.Width]);
            var latents = Resampler.Forward(g, features, position);
            g.Output("latents", latents);
            g.Probe("resampler_out", latents);
        }

        return g.Build();
    }

    /// <summary>
    /// The vision encoder alone. Input <c>pixels</c> [images, 3, height, width]; output <c>vision_tokens</c>
    /// [images, patches, width].
    /// </summary>
    /// <param name="images">Images in this run.</param>
    /// <param name="activations">How results within a block are stored.</param>
    public ComputeGraph VisionGraph(int images, DType activations)
    {
        var g = new GraphBuilder(activations: activations);
        var config = Vision.Config;
        var pixels = g.Input("pixels", TensorType.F32([images, 3, config.ImageHeight, config.ImageWidth]));
        using (g.Scope("vision")) g.Output("vision_tokens", Vision.Forward(g, pixels));
        return g.Build();
    }

    /// <summary>
    /// Projects latents to the keys and values of every gated layer, once per request. Input <c>latents</c>
    /// [media, latents, visualWidth]; results go to <paramref name="mediaKv"/>.
    /// </summary>
    public ComputeGraph ProjectMediaGraph(MediaKeyValues mediaKv)
    {
        var g = new GraphBuilder(activations: mediaKv.Type.DType);
        var latents = g.Narrow(g.Input(
            "latents", TensorType.F32([mediaKv.Media, Resampler.Config.Latents, Vision.Config.Width])));
        for (var i = 0; i < GatedLayers.Count; i++)
        {
            using var scope = g.Scope($"xattn{GatedLayers[i]}.media_kv");
            var projected = _gatedBlocks[GatedLayers[i]]!.Attention.ProjectMedia(g, latents); // [media, latents, 2·inner]
            GraphBuilder.StoreTo(mediaKv.Layer(i), projected);
        }

        return g.Build();
    }

    /// <summary>
    /// Text to logits, for prefill (many tokens) and decode (one token per row) alike. Inputs: <c>ids</c>
    /// [batch, tokens] i32, <c>past</c> [batch] i32, <c>spans</c> [batch, tokens, 2] i32 when there are media,
    /// <c>rows</c> [logitsRows] i32 (positions in batch · tokens whose logits are wanted). Output <c>logits</c>
    /// [logitsRows, vocabulary]; probes <c>token_embeddings</c>, <c>after_xattn.N</c>, <c>hidden.N</c>.
    /// </summary>
    /// <param name="cache">Cache of the rows.</param>
    /// <param name="batch">Rows in this run: the first rows of the cache.</param>
    /// <param name="mediaKv">Media of the request, or null when it has none.</param>
    /// <param name="tokens">Tokens per row in this run.</param>
    /// <param name="logitsRows">Positions whose logits are wanted.</param>
    /// <param name="keepProbes">Keeps intermediate stages readable.</param>
    /// <param name="activations">How results within a block are stored; null: as the cache.</param>
    public ComputeGraph TextGraph(
        KvCache cache, int batch, MediaKeyValues? mediaKv, int tokens, int logitsRows, bool keepProbes = false,
        DType? activations = null)
    {
        var g = new GraphBuilder(keepProbes, activations ?? cache.Type);
        var ids = g.Input("ids", TensorType.I32([batch, tokens]));
        var past = g.Input("past", TensorType.I32([batch]));
        var rows = g.Input("rows", TensorType.I32([logitsRows]));
        var spans = mediaKv is null ? null : g.Input("spans", TensorType.I32([batch, tokens, 2]));
        g.Output("logits", Logits(g, cache, batch, mediaKv, ids, past, rows, spans));
        return g.Build();
    }

    /// <summary>
    /// One step of a decode loop that stays on the device: reads ids and positions from the state, chooses the next
    /// token of every row and leaves the state ready for the step after. Outputs <c>chosen</c> [batch] i32 and
    /// <c>logits</c> [batch, vocabulary].
    /// </summary>
    /// <param name="cache">Cache of the rows.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="mediaKv">Media of the request, or null when it has none.</param>
    /// <param name="state">The loop's state.</param>
    /// <param name="choice">How tokens are chosen.</param>
    /// <param name="activations">How results within a block are stored; null: as the cache.</param>
    public ComputeGraph DecodeGraph(
        KvCache cache, int batch, MediaKeyValues? mediaKv, DecodeState state, TokenChoice choice,
        DType? activations = null)
    {
        var g = new GraphBuilder(activations: activations ?? cache.Type);
        var spans = mediaKv is null ? null : state.Spans(g);
        var logits = Logits(g, cache, batch, mediaKv, state.Ids(g), state.Past(g), state.Rows(g), spans);
        g.Output("logits", logits);
        using (g.Scope("choice"))
        {
            var chosen = choice.Record(g, logits, state);
            g.Output("chosen", chosen);
            state.Advance(g, chosen);
        }

        return g.Build();
    }

    /// <summary>
    /// One step of a beam search that keeps logits and caches on the device. First every row continues its parent, then
    /// one token per row, then the best 2 · beams continuations of each prompt. Inputs: <c>ids</c>, <c>past</c>,
    /// <c>rows</c>, <c>spans</c> as for <see cref="TextGraph"/>; <c>parents</c> [rows], <c>from</c> and <c>to</c> [prompts]
    /// i32 as for <see cref="ReorderRows"/>; <c>sums</c> [rows] f32, log-probability of each row so far; <c>banned</c>
    /// [words] i32. Outputs <c>candidates</c> [prompts, 2 · beams] i32 (beam · vocabulary + id, -1 where logits are not
    /// finite) and <c>scores</c> of the same shape.
    /// </summary>
    /// <param name="cache">Cache of the rows.</param>
    /// <param name="prompts">Prompts; rows are prompts · beams.</param>
    /// <param name="beams">Rows of a prompt.</param>
    /// <param name="mediaKv">Media of the request, or null when it has none.</param>
    /// <param name="newTokens">Most tokens generated, the most that a row copies from its parent.</param>
    /// <param name="activations">How results within a block are stored; null: as the cache.</param>
    public ComputeGraph BeamStepGraph(
        KvCache cache, int prompts, int beams, MediaKeyValues? mediaKv, int newTokens, DType? activations = null)
    {
        var g = new GraphBuilder(activations: activations ?? cache.Type);
        var batch = prompts * beams;
        var ids = g.Input("ids", TensorType.I32([batch, 1]));
        var past = g.Input("past", TensorType.I32([batch]));
        var rows = g.Input("rows", TensorType.I32([batch]));
        var spans = mediaKv is null ? null : g.Input("spans", TensorType.I32([batch, 1, 2]));
        var (parents, from, to) = (g.Input("parents", TensorType.I32([batch])), g.Input("from", TensorType.I32([prompts])), g.Input("to", TensorType.I32([prompts])));
        var sums = g.Input("sums", TensorType.F32([batch]));
        var banned = g.Input("banned", TensorType.I32([ProcessLogits.WordsFor(Language.Vocabulary)]));
        using (g.Scope("beams"))
        {
            var all = g.State(cache.WholeType, cache.Keys(0));
            GraphBuilder.StoreTo(cache.Keys(0), g.Apply(new ReorderRows(beams, newTokens), all, parents, from, to));
        }

        var logits = Logits(g, cache, batch, mediaKv, ids, past, rows, spans);
        using (g.Scope("beams"))
        {
            var scores = GraphBuilder.Reshape(
                g.Apply(new BeamScores(), logits, sums, banned), [prompts, (long)beams * Language.Vocabulary]);
            var candidates = g.Apply(new TopK(2 * beams), scores);
            g.Output("candidates", candidates);
            g.Output("scores", g.Apply(new PickElements(), scores, candidates));
        }

        return g.Build();
    }

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();

    private Value Logits(
        GraphBuilder g, KvCache cache, int batch, MediaKeyValues? mediaKv, Value ids, Value past, Value rows, Value? spans)
    {
        Value x;
        using (g.Scope("embedding")) x = Language.Embed(g, ids); // [batch, tokens, width]
        g.Probe("token_embeddings", x);

        var gated = 0;
        for (var layer = 0; layer < Language.Layers; layer++)
        {
            if (_gatedBlocks[layer] is { } block)
            {
                using var scope = g.Scope($"xattn{layer}");
                var kv = mediaKv is null ? null : g.State(mediaKv.Type, mediaKv.Layer(gated));
                x = block.Forward(g, x, kv, spans);
                g.Probe($"after_xattn.{layer}", x);
                gated++;
            }

            using (g.Scope($"lm{layer}"))
            {
                var cacheK = g.State(cache.LayerType(batch), cache.Keys(layer));
                var cacheV = g.State(cache.LayerType(batch), cache.Values(layer));
                x = Language.Layer(g, layer, x, cacheK, cacheV, past);
                g.Probe($"hidden.{layer}", x);
            }
        }

        using (g.Scope("head"))
        {
            var selected = g.Apply(new SelectRows(), x, rows); // [logitsRows, width]
            return Language.Head(g, selected); // [logitsRows, vocabulary]
        }
    }
}
