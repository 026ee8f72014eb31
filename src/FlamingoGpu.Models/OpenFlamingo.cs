using FlamingoGpu.Core;

namespace FlamingoGpu.Models;

/// <summary>
/// The OpenFlamingo assembly: CLIP, resampler, MPT with a gated block before decoder layer i when (i + 1) is a multiple
/// of the interval (open_flamingo factory.py, flamingo_lm.py).
/// </summary>
public static class OpenFlamingo
{
    /// <summary>Part name of the vision encoder in <see cref="ModelWeights.Records"/>.</summary>
    public const string VisionPart = "vision";

    /// <summary>Part name of the resampler.</summary>
    public const string ResamplerPart = "resampler";

    /// <summary>Part name of the gated cross-attention blocks.</summary>
    public const string GatedPart = "gated cross-attention";

    /// <summary>Part name of the language model without its embedding.</summary>
    public const string LanguagePart = "language model";

    /// <summary>Part name of the token embedding.</summary>
    public const string EmbeddingPart = "embedding";

    /// <summary>Builds the modules, each asking its scope for its tensors.</summary>
    /// <param name="config">Sizes and choices.</param>
    /// <param name="scopes">Where each part finds its tensors.</param>
    /// <param name="weights">Owner of the memory.</param>
    public static FlamingoModel Build(FlamingoConfig config, OpenFlamingoScopes scopes, ModelWeights weights)
    {
        var vision = new ClipVisionEncoder(scopes.Vision, scopes.VisionNaming, config.Vision);
        var resampler = new PerceiverResampler(scopes.Resampler, config.Resampler, config.Vision.Width);
        var language = config.Language;
        var gatedBlocks = new GatedCrossAttentionBlock?[language.Layers];
        for (var layer = 0; layer < language.Layers; layer++)
        {
            if (config.HasGatedBlock(layer))
            {
                gatedBlocks[layer] = new GatedCrossAttentionBlock(
                    scopes.GatedBlock(layer), config.CrossAttention, language.Width, config.Vision.Width);
            }
        }

        var embedding = scopes.Embedding.Matrix("weight", [language.Vocabulary, language.Width]);
        var slopes = weights.Computed("alibi slopes", Alibi.Slopes(language.Heads, language.AlibiBiasMax, language.Slopes));
        var mpt = new MptLanguageModel(scopes.DecoderLayer, scopes.Transformer, embedding, slopes, language);
        return new FlamingoModel(config, vision, resampler, gatedBlocks, mpt, weights);
    }

    /// <summary>A model with shapes but no weights.</summary>
    /// <param name="config">Sizes and choices.</param>
    /// <param name="dtype">Type assumed for matrices.</param>
    public static FlamingoModel ShapeOnly(FlamingoConfig config, DType dtype)
    {
        var weights = new ModelWeights();
        return Build(config, OpenFlamingoScopes.Merged(part => new ShapeOnlyWeights(weights, part, dtype)), weights);
    }
}
