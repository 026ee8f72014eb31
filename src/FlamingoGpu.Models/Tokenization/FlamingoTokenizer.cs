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

    /// <summary>Loads a tokenizer and appends the Flamingo tokens it does not have yet.</summary>
    /// <param name="path">A <c>tokenizer.json</c>, or a folder with one.</param>
    /// <exception cref="Core.InvalidFileException">It is damaged or not supported.</exception>
    public static BpeTokenizer Load(string path) => new(TokenizerFile.Load(path).WithSpecialTokens(SpecialTokens.OpenFlamingo));
}
