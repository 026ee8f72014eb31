using FlamingoGpu.Core;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Models.Prompts;

/// <summary>Turns prompts into token ids. Safe from several threads if its tokenizer is.</summary>
public sealed class PromptEncoder
{
    private readonly ITokenizer _tokenizer;
    private readonly SpecialTokens _special;

    /// <summary>Makes an encoder for one model.</summary>
    public PromptEncoder(ITokenizer tokenizer, SpecialTokens special)
    {
        _tokenizer = tokenizer;
        _special = special;
    }

    /// <summary>Encodes a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="parseSpecial">
    /// True: special tokens written in its texts count as such. False, the default for text from users: they are text.
    /// </param>
    /// <returns>
    /// The tokenizer's prefix and the pieces' ids. No suffix: the model is to go on from here.
    /// </returns>
    /// <exception cref="InvalidRequestException">
    /// With <paramref name="parseSpecial"/>, a text itself holds an image token, which no image stands for.
    /// </exception>
    public EncodedPrompt Encode(Prompt prompt, bool parseSpecial = false)
    {
        var ids = new List<int>(_tokenizer.PrefixIds);
        var positions = new List<int>(prompt.ImageCount);
        var continuation = false;
        foreach (var piece in prompt.Pieces)
        {
            switch (piece.Kind)
            {
                case PromptPieceKind.Image:
                    positions.Add(ids.Count);
                    ids.Add(_special.Image);
                    break;
                case PromptPieceKind.EndOfChunk:
                    ids.Add(_special.EndOfChunk);
                    break;
                default:
                    ids.AddRange(_tokenizer.Encode(piece.Text, parseSpecial, continuation));
                    break;
            }

            continuation = true;
        }

        CheckImages(ids, positions);
        return new EncodedPrompt([.. ids], [.. positions]);
    }

    private void CheckImages(List<int> ids, List<int> positions)
    {
        var tokens = ids.Count(id => id == _special.Image);
        if (tokens == positions.Count) return;
        throw new InvalidRequestException(
            $"The encoded prompt has {tokens} image tokens, but {positions.Count} images were given. Mark the place of "
            + $"an image with {Prompt.ImageMarker} through {nameof(Prompt)}.{nameof(Prompt.Parse)}.");
    }
}
