using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// MPT: the language model of OpenFlamingo 3B (mpt-1b, "MosaicGPT") and 9B (mpt-7b). Pre-norm decoder with ALiBi, erf
/// GELU, no biases, output matrix tied to the embedding.
/// </summary>
public sealed class MptLanguageModel : ILanguageModel
{
    private readonly MptConfig _config;
    private readonly Weight _embedding; // [vocabulary, width]
    private readonly MptLayer[] _layers;
    private readonly Norm _norm;

    /// <summary>Takes the tensors of the model.</summary>
    /// <param name="layers">Gives the scope of decoder layer i (it may hold <c>decoder_layer.</c> in a merged file).</param>
    /// <param name="transformer">Scope of <c>norm_f</c> / <c>ln_f</c>.</param>
    /// <param name="embedding">The token embedding: the Flamingo checkpoint's, not the language model's own.</param>
    /// <param name="slopes">ALiBi slopes [heads].</param>
    /// <param name="config">Sizes and choices.</param>
    public MptLanguageModel(
        Func<int, WeightScope> layers, WeightScope transformer, Weight embedding, Weight slopes, MptConfig config)
    {
        _config = config;
        _embedding = embedding;
        _layers = [.. Enumerable.Range(0, config.Layers).Select(i => new MptLayer(layers(i), config, slopes))];
        _norm = new Norm(
            transformer[config.MosaicGptNames ? "ln_f" : "norm_f"], config.Width, config.NormEpsilon, config.Bias);
    }

    /// <inheritdoc/>
    public int Layers => _config.Layers;

    /// <inheritdoc/>
    public int Width => _config.Width;

    /// <inheritdoc/>
    public int KeyWidth => _config.Width;

    /// <inheritdoc/>
    public int Context => _config.Context;

    /// <inheritdoc/>
    public int Vocabulary => _config.Vocabulary;

    /// <inheritdoc/>
    public Value Embed(GraphBuilder g, Value ids) => g.Apply(new Embedding(), ids, g.Constant(_embedding));

    /// <inheritdoc/>
    public Value Layer(GraphBuilder g, int layer, Value x, Value cacheK, Value cacheV, Value past) =>
        _layers[layer].Forward(g, x, cacheK, cacheV, past);

    /// <inheritdoc/>
    public Value Head(GraphBuilder g, Value x) => new Linear(_embedding, bias: null).ForwardWide(g, _norm.Forward(g, x));
}
