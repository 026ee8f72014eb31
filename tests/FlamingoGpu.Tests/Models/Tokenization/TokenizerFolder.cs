using System.Text;
using System.Text.Json;
using FlamingoGpu.Formats.Tokenizer;

namespace FlamingoGpu.Tests.Models.Tokenization;

/// <summary>
/// A temporary folder with a tokenizer in GPT-2's layout, its added tokens cut down to the image token.
/// </summary>
internal sealed class TokenizerFolder : IDisposable
{
    public TokenizerFolder(TokenizerFile file)
    {
        var tokens = file.Model.Vocabulary.ToDictionary(entry => entry.Value, entry => entry.Key);
        var image = file.AddedTokens.Single(token => token.Content == "<image>");
        Write("vocab.json", JsonSerializer.Serialize(file.Model.Vocabulary));
        Write("merges.txt", "#version: 0.2\n" + string.Concat(
            file.Model.Merges.Select(merge => $"{tokens[merge.Left]} {tokens[merge.Right]}\n")));
        Write("added_tokens.json", $$"""{"<image>": {{image.Id}}}""");
        Write(
            "special_tokens_map.json",
            """{"bos_token": "<|endoftext|>", "additional_special_tokens": ["<image>"]}""");
        Write("tokenizer_config.json", """{"add_prefix_space": false, "add_bos_token": true}""");
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("tokenizer-test-").FullName;

    public void Write(string name, string text) =>
        File.WriteAllText(System.IO.Path.Combine(Path, name), text, new UTF8Encoding(false));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
