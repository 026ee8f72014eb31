using System.Text;

namespace FlamingoGpu.PublicApi;

/// <summary>
/// The lines of weights/README.md from download to caption, run on folders of the published layout that hold the golden
/// models instead of gigabytes; the virtual GPU stands for a card.
/// </summary>
public sealed class WeightsReadmeCommands : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flamingo-weights-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WeightsReadme_OpenFlamingo3B_FromPartsToCaption()
    {
        Place("openflamingo-mpt1b/vision", "clip");
        Place("layouts/lm", "mpt-1b"); // torch shards, as the hub has them
        WriteByteTokenizer("mpt-1b");
        Place("openflamingo-mpt1b/checkpoint.pt", "OpenFlamingo-3B/checkpoint.pt");

        RunLines("openflamingo-3b");
    }

    [Fact]
    public void WeightsReadme_OpenFlamingo9B_FromPartsToCaption()
    {
        Place("openflamingo-mpt7b/vision", "clip");
        Place("openflamingo-mpt7b/lm", "mpt-7b");
        WriteByteTokenizer("mpt-7b");
        Place("layouts/mpt7b-checkpoint.pt", "OpenFlamingo-9B/checkpoint.pt");

        RunLines("openflamingo-9b");
    }

    private void RunLines(string model)
    {
        File.Copy(Path.Combine(Repository.Root, "weights", "pictures", "flamingo.jpg"), Path.Combine(_folder, "photo.jpg"));
        var lines = File.ReadLines(Path.Combine(Repository.Root, "weights", "README.md"))
            .Where(line => line.StartsWith("flamingo-run ", StringComparison.Ordinal) && line.Contains(model, StringComparison.Ordinal)).ToList();
        Assert.Equal(["convert", "inspect", "caption", "caption"], lines.Select(line => line.Split(' ')[1]));
        Assert.EndsWith(" --device cuda", lines[^1], StringComparison.Ordinal);
        foreach (var line in lines)
        {
            var arguments = line["flamingo-run ".Length..].Replace("--device cuda", "--device virtual", StringComparison.Ordinal);
            var (exitCode, _, errors) = Executable.Run(arguments, _folder);
            Assert.True(exitCode == 0, $"{line}\nexit code {exitCode}\n{errors}");
        }
    }

    private void Place(string golden, string target)
    {
        var source = Path.Combine([Repository.Root, "tests", "golden", .. golden.Split('/')]);
        var destination = Path.Combine([_folder, .. target.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
        if (File.Exists(source))
        {
            File.Copy(source, destination);
            return;
        }

        Directory.CreateDirectory(destination);
        foreach (var file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(destination, Path.GetFileName(file)));
    }

    /// <summary>The 257 tokens the golden models were made for: every byte, and an end of text.</summary>
    private void WriteByteTokenizer(string language)
    {
        // GPT-2's alphabet: printable bytes stand for themselves, the others for letters from U+0100 on
        var other = 0x100;
        var letters = Enumerable.Range(0, 256)
            .Select(b => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : (char)other++);
        var vocabulary = new StringBuilder();
        foreach (var (letter, id) in letters.Select((letter, id) => (letter, id)))
            vocabulary.Append(FormattableString.Invariant($"\"\\u{(int)letter:x4}\": {id}, "));
        File.WriteAllText(Path.Combine(_folder, language, "tokenizer.json"), $$"""
            {
              "version": "1.0", "truncation": null, "padding": null,
              "added_tokens": [{"id": 256, "content": "<|endoftext|>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
              "normalizer": {"type": "NFC"},
              "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
              "post_processor": null,
              "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
              "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null,
                        "fuse_unk": false, "byte_fallback": false, "vocab": { {{vocabulary}}"<|endoftext|>": 256}, "merges": []}
            }
            """);
    }
}
