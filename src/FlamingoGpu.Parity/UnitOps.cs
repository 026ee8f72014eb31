using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Parity;

/// <summary>
/// The vocabulary of unit fixtures: each op builds the model's own module on the unit's weights, so that what is
/// compared is what the model runs. Sizes come from the tensors, choices from the settings.
/// </summary>
internal static class UnitOps
{
    private static readonly Dictionary<string, Func<UnitContext, IEnumerable<StageReport>>> ByName = new()
    {
        ["activations"] = Activations,
        ["layer_norm"] = LayerNormUnit,
        ["rms_norm"] = RmsNormUnit,
        ["feed_forward"] = FeedForwardUnit,
        ["perceiver_attention"] = PerceiverAttentionUnit,
        ["perceiver_resampler"] = PerceiverResamplerUnit,
        ["masked_cross_attention"] = MaskedCrossAttentionUnit,
        ["gated_cross_attention_block"] = GatedBlockUnit,
        ["alibi_bias"] = AlibiBiasUnit,
        ["alibi_attention"] = AlibiAttentionUnit,
        ["rotary"] = RotaryUnit,
        ["clip_block"] = ClipBlockUnit,
        ["clip_vision"] = ClipVisionUnit,
        ["video_encode"] = VideoEncodeUnit,
    };

    /// <summary>The comparison of an op, or null when the op is not known.</summary>
    public static Func<UnitContext, IEnumerable<StageReport>>? Find(string op) => ByName.GetValueOrDefault(op);

    private static IEnumerable<StageReport> Activations(UnitContext unit)
    {
        var x = unit.Input("x");
        foreach (var name in unit.Tensors.Names.Where(name => name.StartsWith("out.", StringComparison.Ordinal)).Select(name => name[4..]))
            unit.Graph.Output(name, unit.Graph.Apply(new Activate(ActivationOf(name)), x));
        return unit.RunAndCompare();
    }

    private static IEnumerable<StageReport> LayerNormUnit(UnitContext unit)
    {
        var x = unit.Input("x");
        var norm = new Norm(unit.Weights, x.Shape[^1], (float)unit.Real("eps", 1e-5), unit.HasWeight("bias"));
        return Compare(unit, norm.Forward(unit.Graph, x));
    }

    private static IEnumerable<StageReport> RmsNormUnit(UnitContext unit)
    {
        var x = unit.Input("x");
        var weight = unit.Graph.Constant(unit.Weights.Vector("weight", [x.Shape[^1]]));
        return Compare(unit, unit.Graph.Apply(new RmsNorm((float)unit.Real("eps", 1e-6)), x, weight));
    }

    private static IEnumerable<StageReport> FeedForwardUnit(UnitContext unit)
    {
        var x = unit.Input("x");
        var activation = unit.Variant.Length == 0 ? Activation.GeluErf : ActivationOf(unit.Variant);
        var module = new FeedForward(unit.Weights, x.Shape[^1], unit.WeightShape("1.weight")[0], activation);
        return Compare(unit, module.Forward(unit.Graph, x));
    }

    private static IEnumerable<StageReport> PerceiverAttentionUnit(UnitContext unit)
    {
        var media = unit.Tensors.ShapeOf("in.x"); // [batch, media, features, width]
        var latents = unit.Tensors.ShapeOf("in.latents"); // [batch, media, latents, width]
        var module = new PerceiverAttention(unit.Weights, media[^1], unit.Int("heads", 8), unit.Int("dim_head", 64));
        return Compare(unit, module.Forward(
            unit.Graph,
            unit.Input("x", [media[0] * media[1], media[2], media[3]]),
            unit.Input("latents", [latents[0] * latents[1], latents[2], latents[3]])));
    }

    private static IEnumerable<StageReport> PerceiverResamplerUnit(UnitContext unit)
    {
        var x = unit.Tensors.ShapeOf("in.x"); // [batch, media, frames, patches, width]
        var resampler = Resampler(unit, unit.Weights, "", x.Int(4));
        var flat = unit.Input("x", [x[0] * x[1], x[2], x[3], x[4]]);
        return Compare(unit, resampler.Forward(unit.Graph, flat, mediaPerSequence: x.Int(1)));
    }

    private static PerceiverResampler Resampler(UnitContext unit, WeightScope scope, string prefix, int width)
    {
        var depth = 0;
        while (unit.HasWeight($"{prefix}layers.{depth}.0.to_q.weight")) depth++;
        var config = new ResamplerConfig
        {
            Depth = depth,
            Latents = unit.WeightShape($"{prefix}latents").Int(0),
            Heads = unit.Int("heads", 8),
            HeadDim = unit.Int("dim_head", 64),
            FeedForwardFactor = depth == 0 ? 4 : (int)(unit.WeightShape($"{prefix}layers.0.1.1.weight")[0] / width),
            MaxFrames = unit.HasWeight($"{prefix}frame_embs") ? unit.WeightShape($"{prefix}frame_embs").Int(0) : 0,
            MaxMedia = unit.HasWeight($"{prefix}media_time_embs") ? unit.WeightShape($"{prefix}media_time_embs").Int(0) : 0,
        };
        return new PerceiverResampler(scope, config, width);
    }

    private static IEnumerable<StageReport> MaskedCrossAttentionUnit(UnitContext unit)
    {
        var (x, media) = (unit.Tensors.ShapeOf("in.x"), unit.Tensors.ShapeOf("in.media"));
        var module = new MaskedCrossAttention(unit.Weights, x[^1], media[^1], unit.Int("heads", 8), unit.Int("dim_head", 64));
        var g = unit.Graph;
        var kv = module.ProjectMedia(g, unit.Input("media", [media[0] * media[1], media[2], media[3]])); // [batch · media, latents, 2·inner]
        return Compare(unit, module.Forward(g, unit.Input("x"), kv, Spans(unit, x, media.Int(1))));
    }

    private static IEnumerable<StageReport> GatedBlockUnit(UnitContext unit)
    {
        var (x, media) = (unit.Tensors.ShapeOf("in.x"), unit.Tensors.ShapeOf("in.media"));
        var config = new CrossAttentionConfig
        {
            Heads = unit.Int("heads", 8),
            HeadDim = unit.Int("dim_head", 64),
            FeedForwardFactor = (int)(unit.WeightShape("ff.1.weight")[0] / x[^1]),
        };
        var block = new GatedCrossAttentionBlock(unit.Weights, config, x.Int(2), media.Int(3));
        var g = unit.Graph;
        var kv = block.Attention.ProjectMedia(g, unit.Input("media", [media[0] * media[1], media[2], media[3]]));
        return Compare(unit, block.Forward(g, unit.Input("x"), kv, Spans(unit, x, media.Int(1))));
    }

    /// <summary>Spans of every text token from <c>in.media_locations</c> as the variant says.</summary>
    private static Value Spans(UnitContext unit, Shape x, int media)
    {
        var (batch, tokens) = (x.Int(0), x.Int(1));
        var immediate = unit.Variant.StartsWith("all_previous", StringComparison.Ordinal)
            ? false
            : unit.Flag("only_attend_immediate_media", true);
        var mask = immediate ? MediaMask.Immediate : MediaMask.AllPrevious;
        var cached = unit.Variant.EndsWith("cached_media", StringComparison.Ordinal) || unit.Flag("use_cached_media", false);
        var spans = new int[2 * batch * tokens];
        var locations = unit.Tensors.Has("in.media_locations") ? unit.Tensors.Integers("in.media_locations") : null;
        for (var row = 0; row < batch; row++)
        {
            var own = spans.AsSpan(2 * row * tokens, 2 * tokens);
            if (locations is null || unit.Variant == "no_media_locations")
            {
                for (var token = 0; token < tokens; token++) (own[2 * token], own[2 * token + 1]) = (row * media, media);
                continue;
            }

            var length = locations.Length / batch;
            int[] positions = [.. Enumerable.Range(0, length).Where(i => locations[row * length + i] != 0)];
            if (cached)
            {
                var (first, count) = MediaSpans.Of(mask, positions.Length, row * media, media);
                for (var token = 0; token < tokens; token++) (own[2 * token], own[2 * token + 1]) = (first, count);
            }
            else
            {
                MediaSpans.Fill(mask, positions, row * media, media, own);
            }
        }

        return unit.Input("spans", spans, [batch, tokens, 2]);
    }

    private static IEnumerable<StageReport> AlibiBiasUnit(UnitContext unit)
    {
        foreach (var name in unit.Tensors.Names)
        {
            var parts = name.Split('_'); // out.mosaic_gpt_bias_12, out.mpt_slopes_6
            var heads = int.Parse(parts[^1], System.Globalization.CultureInfo.InvariantCulture);
            var generation = name.StartsWith("out.mosaic_gpt_", StringComparison.Ordinal) ? AlibiSlopes.MosaicGpt : AlibiSlopes.Mpt;
            var slopes = Alibi.Slopes(heads, unit.Real("alibi_bias_max", 8), generation);
            if (parts[^2] == "slopes")
            {
                yield return unit.Compare(name[4..], slopes, steps: 2);
                continue;
            }

            var keys = unit.Tensors.ShapeOf(name).Int(3); // [1, heads, 1, keys]
            yield return unit.Compare(name[4..], [.. slopes.SelectMany(slope => Enumerable.Range(1 - keys, keys).Select(distance => slope * distance))], steps: 3);
        }
    }

    private static IEnumerable<StageReport> AlibiAttentionUnit(UnitContext unit)
    {
        var shape = unit.Tensors.ShapeOf("in.x"); // [batch, tokens, width]
        var (batch, tokens, width) = (shape.Int(0), shape.Int(1), shape.Int(2));
        var config = new MptConfig
        {
            Width = width,
            Heads = unit.Int("n_heads", 1),
            QkNorm = unit.HasWeight("q_ln.weight"),
            Bias = unit.HasWeight("Wqkv.bias"),
            AlibiBiasMax = unit.Real("alibi_bias_max", 8),
            SoftmaxScale = unit.Real("softmax_scale", 0),
            Slopes = unit.Variant == "mosaic_gpt" ? AlibiSlopes.MosaicGpt : AlibiSlopes.Mpt,
        };
        var slopes = unit.Computed("slopes", Alibi.Slopes(config.Heads, config.AlibiBiasMax, config.Slopes));
        var module = new MptAttention(unit.Weights, config, slopes);
        var valid = unit.Tensors.Has("in.mask") ? unit.Tensors.Integers("in.mask") : Enumerable.Repeat(1, batch * tokens).ToArray();

        // rows of the engine start with their first token: shift the padding to the end
        var start = Enumerable.Range(0, batch).Select(row => Array.FindIndex(valid, row * tokens, tokens, v => v != 0) - row * tokens).ToArray();
        var x = Shift(unit.Tensors.Floats("in.x"), start, tokens, width, toFront: true);
        using var memory = unit.Cache(2L * batch * tokens * width);
        var cacheType = TensorType.F32([batch, tokens, width]);
        var g = unit.Graph;
        var y = module.Forward(
            g, unit.Input("x", x, shape), g.State(cacheType, new DevicePlace(memory, 0)),
            g.State(cacheType, new DevicePlace(memory, cacheType.ByteLength)), unit.Input("past", new int[batch], [batch]), residual: null);
        g.Output("y", y);
        var results = unit.Run(out var graph);
        var compared = new bool[shape.ElementCount];
        for (var i = 0; i < valid.Length; i++) compared.AsSpan(i * width, width).Fill(valid[i] != 0);
        yield return unit.Compare("y", Shift(results["y"], start, tokens, width, toFront: false), graph.LongestPath("y", unit.Steps), compared);
    }

    private static float[] Shift(float[] values, int[] start, int tokens, int width, bool toFront)
    {
        var result = new float[values.Length];
        for (var row = 0; row < start.Length; row++)
        {
            var length = (tokens - start[row]) * width;
            var (front, back) = (row * tokens * width, (row * tokens + start[row]) * width);
            values.AsSpan(toFront ? back : front, length).CopyTo(result.AsSpan(toFront ? front : back));
        }

        return result;
    }

    private static IEnumerable<StageReport> RotaryUnit(UnitContext unit)
    {
        var shape = unit.Tensors.ShapeOf("in.q"); // [batch, heads, tokens, headDim]
        var (batch, heads, tokens, headDim) = (shape.Int(0), shape.Int(1), shape.Int(2), shape.Int(3));
        var rotaryDims = Math.Min(headDim, unit.Int("rotary_ndims", headDim));
        var op = new Rotary(heads, headDim, rotaryDims, (float)unit.Real("base", 10000));
        var given = unit.Tensors.Integers("in.position_ids"); // [1 or batch, tokens]
        int[] ids = [.. Enumerable.Range(0, batch * tokens).Select(i => given[i % given.Length])];
        var positions = unit.Input("position_ids", ids, [batch, tokens]);
        var g = unit.Graph;
        foreach (var name in new[] { "q", "k" })
        {
            var x = Swap(unit.Tensors.Floats("in." + name), batch, heads, tokens, headDim); // [batch, tokens, heads, headDim]
            g.Output(name, g.Apply(op, unit.Input(name, x, [batch, tokens, heads * headDim]), positions));
        }

        var hasTables = unit.Tensors.Has("out.cos");
        if (hasTables) AddTables(unit, op);
        var results = unit.Run(out var graph);
        foreach (var name in new[] { "q", "k" })
            yield return unit.Compare(name, Swap(results[name], batch, tokens, heads, headDim), graph.LongestPath(name, unit.Steps));
        if (!hasTables) yield break;
        foreach (var stage in CompareTables(unit, results["tables"])) yield return stage;
    }

    /// <summary>Rotating (1, 0) by each position gives the cosine and sine tables.</summary>
    private static void AddTables(UnitContext unit, Rotary op)
    {
        var table = unit.Tensors.ShapeOf("out.cos"); // [positions, rotaryDims]
        var (count, dims) = (table.Int(0), table.Int(1));
        var ones = new float[count * dims];
        for (var i = 0; i < ones.Length; i++) ones[i] = i % dims < dims / 2 ? 1 : 0;
        var positions = unit.Input("table_positions", [.. Enumerable.Range(0, count)], [1, count]);
        var rotated = unit.Graph.Apply(new Rotary(1, dims, dims, op.Base), unit.Input("ones", ones, [1, count, dims]), positions);
        unit.Graph.Output("tables", rotated); // cosines in the first half, sines in the second
    }

    private static IEnumerable<StageReport> CompareTables(UnitContext unit, float[] rotated)
    {
        var dims = unit.Tensors.ShapeOf("out.cos").Int(1);
        float[] Table(int offset) => [.. Enumerable.Range(0, rotated.Length).Select(i => rotated[i / dims * dims + offset + i % dims % (dims / 2)])];
        yield return unit.Compare("cos", Table(0), steps: 4);
        yield return unit.Compare("sin", Table(dims / 2), steps: 4);
    }

    /// <summary>[a, b, c, d] to [a, c, b, d].</summary>
    private static float[] Swap(float[] values, int a, int b, int c, int d)
    {
        var result = new float[values.Length];
        for (var i = 0; i < a * b * c; i++)
        {
            var (outer, x, y) = (i / (b * c), i / c % b, i % c);
            values.AsSpan(i * d, d).CopyTo(result.AsSpan(((outer * c + y) * b + x) * d));
        }

        return result;
    }

    private static IEnumerable<StageReport> ClipBlockUnit(UnitContext unit)
    {
        var shape = unit.Tensors.ShapeOf("in.x"); // [tokens, batch, width]
        var (tokens, batch, width) = (shape.Int(0), shape.Int(1), shape.Int(2));
        var activation = ActivationOf(unit.Variant);
        var config = new VisionConfig
        {
            Width = width,
            Heads = unit.Int("heads", width / 64),
            FeedForwardWidth = unit.WeightShape("mlp.c_fc.weight").Int(0),
            Activation = activation,
        };
        var block = new ClipBlock(unit.Weights, ClipNaming.OpenClip, config);
        var x = unit.Input("x", Swap(unit.Tensors.Floats("in.x"), 1, tokens, batch, width), [batch, tokens, width]);
        unit.Graph.Output("y", block.Forward(unit.Graph, x));
        var results = unit.Run(out var graph);
        yield return unit.Compare("y", Swap(results["y"], 1, batch, tokens, width), graph.LongestPath("y", unit.Steps));
    }

    private static IEnumerable<StageReport> ClipVisionUnit(UnitContext unit)
    {
        var tower = new ClipVisionEncoder(unit.Weights, ClipNaming.OpenClip, Vision(unit, "", "heads", unit.Tensors.ShapeOf("in.x")));
        var (tokens, pooled) = tower.ForwardWithPooled(unit.Graph, unit.Input("x"));
        unit.Graph.Output("tokens", tokens);
        unit.Graph.Output("pooled", pooled);
        return unit.RunAndCompare();
    }

    private static VisionConfig Vision(UnitContext unit, string prefix, string headsKey, Shape pixels)
    {
        var convolution = unit.WeightShape($"{prefix}conv1.weight");
        var layers = 0;
        while (unit.HasWeight($"{prefix}transformer.resblocks.{layers}.ln_1.weight")) layers++;
        return new VisionConfig
        {
            Width = convolution.Int(0),
            PatchSize = convolution.Int(2),
            ImageHeight = pixels.Int(^2),
            ImageWidth = pixels.Int(^1),
            Layers = layers,
            Heads = unit.Int(headsKey, Math.Max(1, convolution.Int(0) / 64)),
            FeedForwardWidth = layers == 0 ? 4 * convolution.Int(0) : unit.WeightShape($"{prefix}transformer.resblocks.0.mlp.c_fc.weight").Int(0),
            OutputWidth = unit.HasWeight($"{prefix}proj") ? unit.WeightShape($"{prefix}proj").Int(1) : 0,
            Activation = unit.Flag("quick_gelu", true) ? Activation.QuickGelu : Activation.GeluErf,
        };
    }

    private static IEnumerable<StageReport> VideoEncodeUnit(UnitContext unit)
    {
        var pixels = unit.Tensors.ShapeOf("in.vision_x"); // [batch, media, frames, 3, height, width]
        var config = Vision(unit, "vision_encoder.", "vision_heads", pixels);
        var tower = new ClipVisionEncoder(unit.Weights["vision_encoder"], ClipNaming.OpenClip, config);
        var resampler = Resampler(unit, unit.Weights["perceiver"], "perceiver.", config.Width);
        var images = unit.Input("vision_x", [pixels[0] * pixels[1] * pixels[2], pixels[3], pixels[4], pixels[5]]);
        var tokens = tower.Forward(unit.Graph, images); // [batch · media · frames, patches, width]
        var features = GraphBuilder.Reshape(tokens, [pixels[0] * pixels[1], pixels[2], config.Patches, config.Width]);
        return Compare(unit, resampler.Forward(unit.Graph, features, mediaPerSequence: pixels.Int(1)));
    }

    private static IEnumerable<StageReport> Compare(UnitContext unit, Value y)
    {
        unit.Graph.Output("y", y);
        return unit.RunAndCompare();
    }

    private static Activation ActivationOf(string name) => name switch
    {
        "gelu" or "gelu_erf" => Activation.GeluErf,
        "gelu_tanh" => Activation.GeluTanh,
        "quick_gelu" => Activation.QuickGelu,
        "relu" => Activation.Relu,
        "squared_relu" => Activation.SquaredRelu,
        "silu" => Activation.Silu,
        _ => throw new NotSupportedException($"the activation '{name}' is not supported yet"),
    };
}
