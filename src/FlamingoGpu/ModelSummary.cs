using FlamingoGpu.Models;

namespace FlamingoGpu;

/// <summary>Parameter counts and sizes of a model, from shapes alone.</summary>
/// <param name="Parts">Vision, resampler, gated blocks, language model, embedding, in the order of the forward
/// pass.</param>
/// <param name="GatedBlocks">Number of gated cross-attention blocks.</param>
public sealed record ModelSummary(IReadOnlyList<ModelPart> Parts, int GatedBlocks)
{
    /// <summary>Parameters of one gated block; all are alike.</summary>
    public long GatedBlockParameters => GatedBlocks == 0 ? 0 : Part(OpenFlamingo.GatedPart) / GatedBlocks;

    /// <summary>
    /// What OpenFlamingo trains, as its factory prints it: resampler, gated blocks and the whole embedding.
    /// </summary>
    public long TrainableParameters =>
        Part(OpenFlamingo.ResamplerPart) + Part(OpenFlamingo.GatedPart) + Part(OpenFlamingo.EmbeddingPart);

    /// <summary>Parameters of all parts; a tied head counts once.</summary>
    public long TotalParameters => Parts.Sum(part => part.Parameters);

    /// <summary>Bytes of all parts in the types they are used in.</summary>
    public long TotalBytes => Parts.Sum(part => part.Bytes);

    /// <summary>Summarises a model; it needs no weights (see <see cref="OpenFlamingo.ShapeOnly"/>).</summary>
    public static ModelSummary Of(FlamingoModel model)
    {
        var byPart = model.Weights.Records.ToLookup(record => record.Part);
        string[] order =
        [
            OpenFlamingo.VisionPart, OpenFlamingo.ResamplerPart, OpenFlamingo.GatedPart, OpenFlamingo.LanguagePart,
            OpenFlamingo.EmbeddingPart,
        ];
        return new ModelSummary(
            [.. order.Select(part => new ModelPart(
                part,
                byPart[part].Count(),
                byPart[part].Sum(record => record.Parameters),
                [.. byPart[part].GroupBy(record => record.DType).OrderBy(group => group.Key)
                    .Select(group => (group.Key, group.Sum(record => record.Bytes)))]))],
            model.GatedLayers.Count);
    }

    private long Part(string name) => Parts.Where(part => part.Name == name).Sum(part => part.Parameters);
}
