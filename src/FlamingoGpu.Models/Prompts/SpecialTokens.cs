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

    /// <summary>
    /// What OpenFlamingo adds to a language model's tokenizer, in the order that gives the published ids (for GPT-NeoX
    /// 50277 to 50279). The last one only when the tokenizer has no padding token of its own.
    /// </summary>
    public static readonly IReadOnlyList<string> OpenFlamingo = [EndOfChunkText, Prompt.ImageMarker, PadText];

    private static readonly string[] PadTexts = [PadText, "<pad>"];
    private static readonly string[] EosTexts = ["<|endoftext|>", "</s>"];

    /// <summary>
    /// Finds the ids in a tokenizer by OpenFlamingo's spellings. A tokenizer without a padding token pads with its end
    /// of text, which is as invisible.
    /// </summary>
    /// <exception cref="InvalidRequestException">A token is missing.</exception>
    public static SpecialTokens Find(ITokenizer tokenizer)
    {
        var eos = FirstOf(EosTexts) ?? tokenizer.RequireId(EosTexts[0]);
        return new SpecialTokens(
            tokenizer.RequireId(Prompt.ImageMarker),
            tokenizer.RequireId(EndOfChunkText),
            FirstOf(PadTexts) ?? eos,
            eos);

        int? FirstOf(string[] texts) => texts.Select(tokenizer.IdOf).FirstOrDefault(id => id is not null);
    }
}
