using System.Globalization;
using FlamingoGpu.Core;

namespace FlamingoGpu.Models;

/// <summary>
/// The options of a model under flat names such as <c>vision.activation</c>: what a manifest states, what
/// <c>--set</c> changes, what <c>inspect</c> prints. One table serves all three.
/// </summary>
public static class FlamingoConfigKeys
{
    /// <summary>All options, in the order of the forward pass.</summary>
    public static IReadOnlyList<FlamingoConfigKey> All { get; } =
    [
        Number("vision.width", c => c.Vision.Width, (c, v) => c with { Vision = c.Vision with { Width = v } }),
        Number("vision.layers", c => c.Vision.Layers, (c, v) => c with { Vision = c.Vision with { Layers = v } }),
        Number("vision.heads", c => c.Vision.Heads, (c, v) => c with { Vision = c.Vision with { Heads = v } }),
        Number("vision.ff_width", c => c.Vision.FeedForwardWidth, (c, v) => c with { Vision = c.Vision with { FeedForwardWidth = v } }),
        Number("vision.patch_size", c => c.Vision.PatchSize, (c, v) => c with { Vision = c.Vision with { PatchSize = v } }),
        Number("vision.image_height", c => c.Vision.ImageHeight, (c, v) => c with { Vision = c.Vision with { ImageHeight = v } }),
        Number("vision.image_width", c => c.Vision.ImageWidth, (c, v) => c with { Vision = c.Vision with { ImageWidth = v } }),
        Number("vision.output_width", c => c.Vision.OutputWidth, (c, v) => c with { Vision = c.Vision with { OutputWidth = v } }, minimum: 0),
        Choice("vision.activation", c => c.Vision.Activation, (c, v) => c with { Vision = c.Vision with { Activation = v } }),
        Switch("vision.post_norm", c => c.Vision.PostNormOnTokens, (c, v) => c with { Vision = c.Vision with { PostNormOnTokens = v } }),
        Real("vision.norm_epsilon", c => ToDouble(c.Vision.NormEpsilon), (c, v) => c with { Vision = c.Vision with { NormEpsilon = (float)v } }),
        Number("resampler.depth", c => c.Resampler.Depth, (c, v) => c with { Resampler = c.Resampler with { Depth = v } }),
        Number("resampler.latents", c => c.Resampler.Latents, (c, v) => c with { Resampler = c.Resampler with { Latents = v } }),
        Number("resampler.heads", c => c.Resampler.Heads, (c, v) => c with { Resampler = c.Resampler with { Heads = v } }),
        Number("resampler.head_dim", c => c.Resampler.HeadDim, (c, v) => c with { Resampler = c.Resampler with { HeadDim = v } }),
        Number("resampler.ff_factor", c => c.Resampler.FeedForwardFactor, (c, v) => c with { Resampler = c.Resampler with { FeedForwardFactor = v } }),
        Choice("resampler.activation", c => c.Resampler.Activation, (c, v) => c with { Resampler = c.Resampler with { Activation = v } }),
        Number("resampler.max_frames", c => c.Resampler.MaxFrames, (c, v) => c with { Resampler = c.Resampler with { MaxFrames = v } }, minimum: 0),
        Number("resampler.max_media", c => c.Resampler.MaxMedia, (c, v) => c with { Resampler = c.Resampler with { MaxMedia = v } }, minimum: 0),
        Number("xattn.every", c => c.CrossAttention.Every, (c, v) => c with { CrossAttention = c.CrossAttention with { Every = v } }),
        Number("xattn.heads", c => c.CrossAttention.Heads, (c, v) => c with { CrossAttention = c.CrossAttention with { Heads = v } }),
        Number("xattn.head_dim", c => c.CrossAttention.HeadDim, (c, v) => c with { CrossAttention = c.CrossAttention with { HeadDim = v } }),
        Number("xattn.ff_factor", c => c.CrossAttention.FeedForwardFactor, (c, v) => c with { CrossAttention = c.CrossAttention with { FeedForwardFactor = v } }),
        Choice("xattn.activation", c => c.CrossAttention.Activation, (c, v) => c with { CrossAttention = c.CrossAttention with { Activation = v } }),
        Choice("xattn.mask", c => c.CrossAttention.Mask, (c, v) => c with { CrossAttention = c.CrossAttention with { Mask = v } }),
        Choice("xattn.gate", c => c.CrossAttention.Gate, (c, v) => c with { CrossAttention = c.CrossAttention with { Gate = v } }),
        Switch("lm.mosaic_gpt_names", c => c.Language.MosaicGptNames, (c, v) => c with { Language = c.Language with { MosaicGptNames = v } }),
        Number("lm.width", c => c.Language.Width, (c, v) => c with { Language = c.Language with { Width = v } }),
        Number("lm.layers", c => c.Language.Layers, (c, v) => c with { Language = c.Language with { Layers = v } }),
        Number("lm.heads", c => c.Language.Heads, (c, v) => c with { Language = c.Language with { Heads = v } }),
        Number("lm.ff_width", c => c.Language.FeedForwardWidth, (c, v) => c with { Language = c.Language with { FeedForwardWidth = v } }),
        Number("lm.context", c => c.Language.Context, (c, v) => c with { Language = c.Language with { Context = v } }),
        Number("lm.vocabulary", c => c.Language.Vocabulary, (c, v) => c with { Language = c.Language with { Vocabulary = v } }),
        Switch("lm.qk_norm", c => c.Language.QkNorm, (c, v) => c with { Language = c.Language with { QkNorm = v } }),
        Switch("lm.bias", c => c.Language.Bias, (c, v) => c with { Language = c.Language with { Bias = v } }),
        Real("lm.alibi_bias_max", c => c.Language.AlibiBiasMax, (c, v) => c with { Language = c.Language with { AlibiBiasMax = v } }),
        Choice("lm.slopes", c => c.Language.Slopes, (c, v) => c with { Language = c.Language with { Slopes = v } }),
        Real("lm.softmax_scale", c => c.Language.SoftmaxScale, (c, v) => c with { Language = c.Language with { SoftmaxScale = v } }),
        Choice("lm.residual", c => c.Language.Residual, (c, v) => c with { Language = c.Language with { Residual = v } }),
        Number("tokens.image", c => c.Tokens.Image, (c, v) => c with { Tokens = c.Tokens with { Image = v } }, minimum: 0),
        Number("tokens.end_of_chunk", c => c.Tokens.EndOfChunk, (c, v) => c with { Tokens = c.Tokens with { EndOfChunk = v } }, minimum: 0),
        Number("tokens.pad", c => c.Tokens.Pad, (c, v) => c with { Tokens = c.Tokens with { Pad = v } }, minimum: 0),
        Number("tokens.end_of_text", c => c.Tokens.Eos, (c, v) => c with { Tokens = c.Tokens with { Eos = v } }, minimum: -1),
    ];

    /// <summary>The option of that name.</summary>
    /// <exception cref="InvalidRequestException">There is none; lists all names.</exception>
    public static FlamingoConfigKey Find(string name) =>
        All.FirstOrDefault(key => key.Name == name)
        ?? throw new InvalidRequestException($"no model option '{name}'; the options are {string.Join(", ", All.Select(key => key.Name))}.");

    /// <summary>The configuration with one option changed.</summary>
    /// <exception cref="InvalidRequestException">Unknown name, or a value the option cannot take.</exception>
    public static FlamingoConfig Set(FlamingoConfig config, string name, string value) => Find(name).Set(config, value);

    private static FlamingoConfigKey Number(
        string name, Func<FlamingoConfig, int> get, Func<FlamingoConfig, int, FlamingoConfig> set, int minimum = 1) =>
        new(name, $"a whole number, at least {minimum}", config => get(config), (config, text) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= minimum ? set(config, value) : null);

    private static FlamingoConfigKey Real(
        string name, Func<FlamingoConfig, double> get, Func<FlamingoConfig, double, FlamingoConfig> set) =>
        new(name, "a number, at least 0", config => get(config), (config, text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && value >= 0 ? set(config, value) : null);

    private static FlamingoConfigKey Switch(
        string name, Func<FlamingoConfig, bool> get, Func<FlamingoConfig, bool, FlamingoConfig> set) =>
        new(name, "true or false", config => get(config), (config, text) => bool.TryParse(text, out var value) ? set(config, value) : null);

    private static FlamingoConfigKey Choice<T>(
        string name, Func<FlamingoConfig, T> get, Func<FlamingoConfig, T, FlamingoConfig> set)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(SnakeCase).ToArray();
        return new(name, string.Join(", ", names), config => SnakeCase(get(config).ToString()), (config, text) =>
            Array.IndexOf(names, text) is var index and >= 0 ? set(config, Enum.GetValues<T>()[index]) : null);
    }

    /// <summary>The double that is written as the float is: 1e-5, not 9.99999974737875e-6.</summary>
    private static double ToDouble(float value) =>
        double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
