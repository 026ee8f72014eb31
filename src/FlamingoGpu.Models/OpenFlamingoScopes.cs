namespace FlamingoGpu.Models;

/// <summary>Where each part of an OpenFlamingo finds its tensors; the three published files name them differently.</summary>
/// <param name="Vision">The CLIP tower.</param>
/// <param name="VisionNaming">Its naming scheme.</param>
/// <param name="Resampler">The resampler.</param>
/// <param name="GatedBlock">The gated block before decoder layer i.</param>
/// <param name="DecoderLayer">Decoder layer i.</param>
/// <param name="Transformer">Parent of the final norm.</param>
/// <param name="Embedding">Parent of the token embedding's <c>weight</c>.</param>
public sealed record OpenFlamingoScopes(
    WeightScope Vision,
    ClipNaming VisionNaming,
    WeightScope Resampler,
    Func<int, WeightScope> GatedBlock,
    Func<int, WeightScope> DecoderLayer,
    WeightScope Transformer,
    WeightScope Embedding)
{
    /// <summary>Names of a merged file: open_flamingo's own full state dict.</summary>
    /// <param name="part">Gives the source of each part (the same file, counted under the part's name).</param>
    public static OpenFlamingoScopes Merged(Func<string, IWeightSource> part)
    {
        var gated = new WeightScope(part(OpenFlamingo.GatedPart));
        var language = new WeightScope(part(OpenFlamingo.LanguagePart));
        return new OpenFlamingoScopes(
            new WeightScope(part(OpenFlamingo.VisionPart))["vision_encoder"],
            ClipNaming.OpenClip,
            new WeightScope(part(OpenFlamingo.ResamplerPart))["perceiver"],
            layer => gated["lang_encoder"]["transformer"]["blocks"][layer]["gated_cross_attn_layer"],
            layer => language["lang_encoder"]["transformer"]["blocks"][layer]["decoder_layer"],
            language["lang_encoder"]["transformer"],
            new WeightScope(part(OpenFlamingo.EmbeddingPart))["lang_encoder"]["transformer"]["wte"]);
    }
}
