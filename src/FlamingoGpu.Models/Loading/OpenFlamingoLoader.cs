using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Models;

/// <summary>
/// Loads an OpenFlamingo from its parts. What the tensors show (interval of the gated blocks, resampler depth and
/// latents, vocabulary, visual sizes) is read from them and checked against what a manifest states; what they cannot
/// show (heads, activations) comes from configuration files, the manifest, or the published defaults.
/// </summary>
public static class OpenFlamingoLoader
{
    private const string GatedSuffix = ".gated_cross_attn_layer.attn_gate";

    /// <summary>Opens all files, checks them against each other and builds the model; weights stay mapped.</summary>
    /// <param name="files">Where the parts are.</param>
    /// <param name="options">Overrides and conversions.</param>
    /// <exception cref="InvalidFileException">A file is damaged, or the parts do not belong together.</exception>
    /// <exception cref="InvalidRequestException">An override is unknown or impossible.</exception>
    /// <exception cref="NotSupportedException">The language model is of a family that is not implemented.</exception>
    public static FlamingoModel Load(ModelFiles files, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        var weights = new ModelWeights();
        try
        {
            return Load(files, options, weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    private static FlamingoModel Load(ModelFiles files, LoadOptions options, ModelWeights weights)
    {
        var checkpoint = Open(files.Checkpoint, weights);
        var vision = files.Vision == files.Checkpoint ? checkpoint : Open(files.Vision, weights);
        var language = files.Language == files.Checkpoint ? checkpoint : Open(files.Language, weights);
        var (visionPrefix, naming, visionConfig) = VisionConfigReader.Read(vision, FindVisionConfig(files), StatedVision(files));
        var (layersPrefix, gatedLayers) = FindGatedLayers(checkpoint);

        var config = new FlamingoConfig
        {
            Name = files.Manifest?.Name is { Length: > 0 } name ? name : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(files.Checkpoint))),
            Vision = visionConfig,
            Language = ReadLanguageConfig(files),
        };
        config = FromCheckpoint(config, checkpoint, layersPrefix, gatedLayers);
        var transformer = layersPrefix[..^"blocks.".Length]; // lang_encoder.transformer.
        var own = files.IsMerged ? transformer : FindTransformer(language);
        if (!files.IsMerged) // the tensors say it; the default of 'no_bias' differs between the generations
            config = config with { Language = config.Language with { Bias = language.TryGet($"{own}blocks.0.attn.Wqkv.bias", out _) } };
        if (options.Tokens is { } tokens) config = config with { Tokens = tokens };
        config = ApplyManifest(config, files);
        foreach (var (key, value) in options.Set) config = FlamingoConfigKeys.Set(config, key, value);
        CheckAgainstCheckpoint(config, checkpoint, gatedLayers);

        var layerSuffix = files.IsMerged ? "decoder_layer." : "";
        WeightScope Scope(ITensorSource source, string part, string prefix) =>
            new(new TensorWeights(weights, source, part, options.MatrixType, options.HeadersOnly), prefix);
        var gated = Scope(checkpoint, OpenFlamingo.GatedPart, layersPrefix);
        var body = Scope(language, OpenFlamingo.LanguagePart, own);
        var scopes = new OpenFlamingoScopes(
            Scope(vision, OpenFlamingo.VisionPart, visionPrefix),
            naming,
            Scope(checkpoint, OpenFlamingo.ResamplerPart, "perceiver."),
            layer => gated[layer]["gated_cross_attn_layer"],
            layer => body["blocks"][layer] with { Prefix = $"{own}blocks.{layer}.{layerSuffix}" },
            body,
            Scope(checkpoint, OpenFlamingo.EmbeddingPart, transformer)["wte"]);
        return OpenFlamingo.Build(config, scopes, weights);
    }

    private static ITensorSource Open(string path, ModelWeights weights)
    {
        var source = TensorSources.Open(path);
        weights.Own(source);
        return source;
    }

    private static JsonConfig? FindVisionConfig(ModelFiles files)
    {
        var folder = Directory.Exists(files.Vision) ? files.Vision : Path.GetDirectoryName(Path.GetFullPath(files.Vision))!;
        if (files.IsMerged) return null; // the manifest states the options
        var path = ModelFiles.Existing(folder, "open_clip_config.json") ?? ModelFiles.Existing(folder, "config.json");
        return path is null ? null : JsonConfig.Load(path);
    }

    /// <summary>A merged folder has no configuration beside its tower; its manifest states what tensors do not show.</summary>
    private static VisionConfig? StatedVision(ModelFiles files) =>
        files.IsMerged && files.Manifest is not null ? ApplyManifest(new FlamingoConfig(), files).Vision : null;

    private static MptConfig ReadLanguageConfig(ModelFiles files)
    {
        if (files.IsMerged) return new MptConfig();
        var folder = Directory.Exists(files.Language) ? files.Language : Path.GetDirectoryName(Path.GetFullPath(files.Language))!;
        return MptConfigReader.Read(JsonConfig.Load(Path.Combine(folder, "config.json")));
    }

    private static FlamingoConfig ApplyManifest(FlamingoConfig config, ModelFiles files)
    {
        if (files.Manifest is null)
        {
            return files.IsMerged
                ? throw new InvalidFileException(files.Checkpoint, $"one file for all parts needs a {ModelFiles.ManifestName} that states the options; 'flamingo-run convert' writes it.")
                : config;
        }

        foreach (var (key, value) in files.Manifest.Options)
        {
            try
            {
                config = FlamingoConfigKeys.Set(config, key, value);
            }
            catch (InvalidRequestException error)
            {
                throw new InvalidFileException(files.Manifest.Path, error.Message, inner: error);
            }
        }

        return config;
    }

    private static FlamingoConfig FromCheckpoint(
        FlamingoConfig config, ITensorSource checkpoint, string layersPrefix, IReadOnlyList<int> gatedLayers)
    {
        var every = gatedLayers[0] + 1;
        var latents = Require(checkpoint, "perceiver.latents", 2);
        var embedding = Require(checkpoint, layersPrefix[..^"blocks.".Length] + "wte.weight", 2);
        var firstUp = Require(checkpoint, $"{layersPrefix}{gatedLayers[0]}.gated_cross_attn_layer.ff.1.weight", 2);
        var resamplerUp = Require(checkpoint, "perceiver.layers.0.1.1.weight", 2);
        return config with
        {
            Resampler = config.Resampler with
            {
                Depth = CountResamplerLayers(checkpoint),
                Latents = latents.Shape.Int(0),
                FeedForwardFactor = Factor(resamplerUp),
                MaxFrames = checkpoint.TryGet("perceiver.frame_embs", out var frames) ? frames.Shape.Int(0) : 0,
                MaxMedia = checkpoint.TryGet("perceiver.media_time_embs", out var media) ? media.Shape.Int(0) : 0,
            },
            CrossAttention = config.CrossAttention with { Every = every, FeedForwardFactor = Factor(firstUp) },
            Language = config.Language with { Vocabulary = embedding.Shape.Int(0) },
            Tokens = DefaultTokens(embedding.Shape.Int(0)),
        };
    }

    /// <summary>open_flamingo appends end-of-chunk, image and pad, in this order, as the last rows of the embedding.</summary>
    private static SpecialTokens DefaultTokens(int vocabulary) =>
        new(Image: Math.Max(0, vocabulary - 2), EndOfChunk: Math.Max(0, vocabulary - 3), Pad: Math.Max(0, vocabulary - 1), Eos: 0);

    private static int Factor(TensorEntry up) => (int)Math.Max(1, up.Shape[0] / Math.Max(1, up.Shape[1]));

    private static void CheckAgainstCheckpoint(FlamingoConfig config, ITensorSource checkpoint, IReadOnlyList<int> gatedLayers)
    {
        var expected = Enumerable.Range(0, config.Language.Layers).Where(config.HasGatedBlock);
        if (!expected.SequenceEqual(gatedLayers))
        {
            throw new InvalidFileException(
                checkpoint.Location,
                $"has gated blocks before layers {string.Join(", ", gatedLayers)}; an interval of {config.CrossAttention.Every} in a language model of "
                + $"{config.Language.Layers} layers needs them before {string.Join(", ", expected)}. Is this the checkpoint of this language model?");
        }

        Check(config.Resampler.Depth == CountResamplerLayers(checkpoint), "resampler.depth", config.Resampler.Depth, CountResamplerLayers(checkpoint));
        var latents = Require(checkpoint, "perceiver.latents", 2);
        Check(config.Resampler.Latents == latents.Shape[0], "resampler.latents", config.Resampler.Latents, latents.Shape[0]);
        Check(config.Vision.Width == latents.Shape[1], "vision.width", config.Vision.Width, latents.Shape[1]);
        var resamplerQ = Require(checkpoint, "perceiver.layers.0.0.to_q.weight", 2);
        Check(config.Resampler.Heads * (long)config.Resampler.HeadDim == resamplerQ.Shape[0], "resampler.heads x resampler.head_dim", config.Resampler.Heads * (long)config.Resampler.HeadDim, resamplerQ.Shape[0]);
        foreach (var (name, id) in new[] { ("tokens.image", config.Tokens.Image), ("tokens.end_of_chunk", config.Tokens.EndOfChunk), ("tokens.pad", config.Tokens.Pad) })
            Check(id < config.Language.Vocabulary, name, id, $"only {config.Language.Vocabulary} rows in its embedding");

        void Check(bool holds, string option, object stated, object found)
        {
            if (!holds)
                throw new InvalidFileException(checkpoint.Location, string.Create(CultureInfo.InvariantCulture, $"option {option} is {stated}, but the checkpoint has {found}; correct the option or use the checkpoint it belongs to."));
        }
    }

    private static int CountResamplerLayers(ITensorSource checkpoint)
    {
        var depth = 0;
        while (checkpoint.TryGet($"perceiver.layers.{depth}.0.to_q.weight", out _)) depth++;
        return depth;
    }

    private static (string LayersPrefix, IReadOnlyList<int> Layers) FindGatedLayers(ITensorSource checkpoint)
    {
        const string prefix = "lang_encoder.transformer.blocks.";
        var gates = checkpoint.Entries.Where(entry => entry.Name.EndsWith(GatedSuffix, StringComparison.Ordinal)
            && !entry.Name.Contains("gated_cross_attn_layers.", StringComparison.Ordinal)).ToList();
        if (gates.Count == 0)
            throw new InvalidFileException(checkpoint.Location, $"holds no gated cross-attention: no tensor ends in '{GatedSuffix}'. Is this an OpenFlamingo checkpoint?");
        var foreign = gates.FirstOrDefault(entry => !entry.Name.StartsWith(prefix, StringComparison.Ordinal));
        if (foreign is not null)
            throw new NotSupportedException($"{checkpoint.Location}: '{foreign.Name}' belongs to a language model that is not supported yet; supported are MPT's '{prefix}…'.");
        var layers = new List<int>();
        foreach (var entry in gates)
        {
            var text = entry.Name[prefix.Length..^GatedSuffix.Length];
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var layer))
                throw new InvalidFileException(checkpoint.Location, $"'{text}' is no layer number.", entry.Name);
            layers.Add(layer);
        }

        layers.Sort();
        return (prefix, layers);
    }

    private static string FindTransformer(ITensorSource language)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["transformer.", "model.transformer.", "lang_encoder.transformer.", ""])
        {
            if (language.TryGet($"{prefix}blocks.0.attn.Wqkv.weight", out _)) return prefix;
        }

        throw new InvalidFileException(language.Location, "holds no MPT language model: looked for 'transformer.blocks.0.attn.Wqkv.weight'.");
    }

    private static TensorEntry Require(ITensorSource source, string name, int rank)
    {
        if (!source.TryGet(name, out var entry))
            throw new InvalidFileException(source.Location, "missing; is this an OpenFlamingo checkpoint?", name);
        if (entry.Shape.Rank != rank)
            throw new InvalidFileException(entry.File, $"expected {rank} axes, file has {entry.Shape}.", name, entry.Offset);
        return entry;
    }
}
