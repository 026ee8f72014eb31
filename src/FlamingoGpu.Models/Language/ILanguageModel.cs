using FlamingoGpu.Graph;

namespace FlamingoGpu.Models;

/// <summary>A decoder-only language model, taken apart so that gated blocks can stand between its layers.</summary>
public interface ILanguageModel
{
    /// <summary>Decoder layers.</summary>
    int Layers { get; }

    /// <summary>Hidden width.</summary>
    int Width { get; }

    /// <summary>Width of the keys (and of the values) of one token in one layer.</summary>
    int KeyWidth { get; }

    /// <summary>Longest sequence.</summary>
    int Context { get; }

    /// <summary>Rows of the logits.</summary>
    int Vocabulary { get; }

    /// <summary>Token embeddings [batch, tokens, width] of ids [batch, tokens].</summary>
    Value Embed(GraphBuilder g, Value ids);

    /// <summary>One decoder layer.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="layer">Which layer.</param>
    /// <param name="x">[batch, tokens, width].</param>
    /// <param name="cacheK">[batch, context, keyWidth]; the new keys are stored in it.</param>
    /// <param name="cacheV">[batch, context, keyWidth].</param>
    /// <param name="past">[batch] i32: tokens already in the cache of each row.</param>
    /// <returns>[batch, tokens, width].</returns>
    Value Layer(GraphBuilder g, int layer, Value x, Value cacheK, Value cacheV, Value past);

    /// <summary>Final norm and output matrix: logits [rows, vocabulary] of hidden states [rows, width].</summary>
    Value Head(GraphBuilder g, Value x);
}
