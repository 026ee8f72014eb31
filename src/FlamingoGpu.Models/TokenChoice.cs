using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>How a decode graph chooses the next token of a row; meanings as of generation's options.</summary>
/// <param name="Temperature">0 takes the most likely token.</param>
/// <param name="TopK">Keep this many, 0 for all.</param>
/// <param name="TopP">Keep this much probability.</param>
/// <param name="MinP">Keep what is at least this likely relative to the best.</param>
/// <param name="RepetitionPenalty">1 for none.</param>
public sealed record TokenChoice(
    float Temperature = 0, int TopK = 0, float TopP = 1, float MinP = 0, float RepetitionPenalty = 1)
{
    /// <summary>Records the choice.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="logits">[batch, vocabulary].</param>
    /// <param name="state">Where banned and seen ids and the draws are.</param>
    /// <returns>Chosen ids [batch] i32, -1 for a row whose logits are not finite.</returns>
    internal Value Record(GraphBuilder g, Value logits, DecodeState state)
    {
        var scores = g.Apply(new ProcessLogits(RepetitionPenalty), logits, state.Banned(g), state.Seen(g));
        return Temperature == 0
            ? g.Apply(new ArgMax(), scores)
            : g.Apply(new SampleToken(Temperature, TopK, TopP, MinP), scores, state.Draws(g));
    }
}
