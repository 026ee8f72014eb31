using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// The tokenizer of a Flamingo: the language model's own plus end-of-chunk, image and padding. Published language models
/// do not have these; open_flamingo appends them in this order (factory.py), and the checkpoint's embedding has their
/// rows.
/// </summary>
public static class FlamingoTokenizer
{
    /// <summary>Loads the tokenizer of a model, or null when the model has none.</summary>
    /// <exception cref="Core.InvalidFileException">It is damaged or not supported.</exception>
    public static BpeTokenizer? TryLoad(ModelFiles files)
    {
        if (files.Tokenizer is { } own) return Load(own);
        var folder = Directory.Exists(files.Language) ? files.Language : Path.GetDirectoryName(Path.GetFullPath(files.Language))!;
        var found = ModelFiles.Existing(folder, "tokenizer.json") ?? ModelFiles.Existing(folder, "vocab.json");
        return found is null ? null : Load(found);
    }

    /// <summary>Loads a tokenizer and appends what is missing.</summary>
    /// <param name="path">A <c>tokenizer.json</c>, or a folder with one.</param>
    /// <exception cref="Core.InvalidFileException">It is damaged or not supported.</exception>
    public static BpeTokenizer Load(string path) => WithFlamingoTokens(TokenizerFile.Load(path));

    /// <summary>Appends the Flamingo tokens that the tokenizer does not have yet.</summary>
    public static BpeTokenizer WithFlamingoTokens(TokenizerFile file)
    {
        var tokenizer = new BpeTokenizer(file);
        var next = tokenizer.VocabularySize;
        var added = new List<AddedToken>(file.AddedTokens);
        foreach (var content in new[] { SpecialTokens.EndOfChunkText, Prompt.ImageMarker, SpecialTokens.PadText })
        {
            if (tokenizer.IdOf(content) is null)
                added.Add(new AddedToken(next++, content, SingleWord: false, LeftStrip: false, RightStrip: false, Normalized: false, Special: true));
        }

        return added.Count == file.AddedTokens.Count ? tokenizer : new BpeTokenizer(file with { AddedTokens = added });
    }
}
