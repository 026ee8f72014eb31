using FlamingoGpu.Core;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Models.Prompts;

/// <summary>Ids of the tokens that Flamingo adds to a language model, and of its end of text.</summary>
/// <param name="Image">Stands where an image is.</param>
/// <param name="EndOfChunk">Ends a demonstration and, when generated, an answer.</param>
/// <param name="Pad">Fills the shorter rows of a batch; never attended to.</param>
/// <param name="Eos">The language model's own end of text.</param>
public readonly record struct SpecialTokens(int Image, int EndOfChunk, int Pad, int Eos)
{
    /// <summary>OpenFlamingo's spelling of <see cref="EndOfChunk"/>.</summary>
    public const string EndOfChunkText = "<|endofchunk|>";

    /// <summary>OpenFlamingo's spelling of <see cref="Pad"/>.</summary>
    public const string PadText = "<PAD>";

    private static readonly string[] EosTexts = ["<|endoftext|>", "</s>"];

    /// <summary>
    /// Finds the ids in a tokenizer by OpenFlamingo's spellings. A tokenizer without <c>&lt;PAD&gt;</c> pads with its end
    /// of text, which is as invisible.
    /// </summary>
    /// <exception cref="InvalidRequestException">A token is missing.</exception>
    public static SpecialTokens Find(ITokenizer tokenizer)
    {
        var eos = EosTexts.Select(tokenizer.IdOf).FirstOrDefault(id => id is not null)
            ?? tokenizer.RequireId(EosTexts[0]);
        return new SpecialTokens(
            tokenizer.RequireId(Prompt.ImageMarker),
            tokenizer.RequireId(EndOfChunkText),
            tokenizer.IdOf(PadText) ?? eos,
            eos);
    }
}
