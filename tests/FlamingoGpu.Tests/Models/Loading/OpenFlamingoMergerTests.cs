using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models;
using FlamingoGpu.Models.Tokenization;
using FlamingoGpu.Tests.Cli;

namespace FlamingoGpu.Tests.Models.Loading;

/// <summary>A merged folder computes what its parts compute, to the bit.</summary>
public class OpenFlamingoMergerTests
{
    [Theory]
    [InlineData("openflamingo-mpt1b", "checkpoint.safetensors")]
    [InlineData("openflamingo-mpt1b", "checkpoint.pt")]
    [InlineData("openflamingo-mpt7b", "checkpoint.safetensors")]
    [InlineData("openflamingo-mpt7b/bf16", "checkpoint.safetensors")]
    public void Merge_PublishedParts_GivesTheSameLogits(string fixture, string checkpoint)
    {
        using var folder = new TemporaryFolder();
        var files = Parts(fixture, checkpoint);
        OpenFlamingoMerger.Merge(files, folder.Path);
        Assert.Equal(
            ["flamingo.json", "model.safetensors"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(Logits(OptionsOf(files)), Logits(new FlamingoOptions { ModelPath = folder.Path }));
    }

    [Theory]
    [InlineData("openflamingo-mpt1b")]
    [InlineData("openflamingo-mpt7b")]
    public void Merge_HuggingFaceTower_GivesTheSameLogits(string fixture)
    {
        using var folder = new TemporaryFolder();
        var files = Parts(fixture, "checkpoint.safetensors");
        var renamed = files with { Vision = folder.File("clip") };
        WriteHuggingFaceTower(files.Vision, renamed.Vision);
        OpenFlamingoMerger.Merge(renamed, folder.File("merged"));
        var expected = Logits(OptionsOf(files));
        Assert.Equal(expected, Logits(OptionsOf(renamed)));
        Assert.Equal(expected, Logits(new FlamingoOptions { ModelPath = folder.File("merged") }));
        using var merged = TensorSources.Open(folder.File("merged"));
        Assert.True(merged.TryGet("vision_encoder.transformer.resblocks.2.attn.in_proj_weight", out _));
        Assert.DoesNotContain(merged.Entries, entry => entry.Name.Contains("self_attn", StringComparison.Ordinal));
    }

    [Fact]
    public void Merge_WithConversion_EqualsConversionWhileLoading()
    {
        using var folder = new TemporaryFolder();
        var files = Parts("openflamingo-mpt1b", "checkpoint.pt");
        OpenFlamingoMerger.Merge(files, folder.Path, DType.BF16);
        Assert.Equal(
            Logits(OptionsOf(files) with { MatrixType = DType.BF16 }), Logits(new FlamingoOptions { ModelPath = folder.Path }));
        using var merged = TensorSources.Open(folder.Path);
        Assert.True(merged.TryGet("lang_encoder.transformer.blocks.1.decoder_layer.attn.Wqkv.weight", out var matrix));
        Assert.True(
            merged.TryGet("lang_encoder.transformer.ln_f.weight", out var norm) || merged.TryGet("lang_encoder.transformer.norm_f.weight", out norm));
        Assert.Equal((DType.BF16, DType.F32), (matrix.DType, norm.DType));
    }

    [Fact]
    public void Merge_MergedFolder_GivesTheSameFile()
    {
        using var folder = new TemporaryFolder();
        OpenFlamingoMerger.Merge(ModelFiles.Locate(Paths.Tiny), folder.Path);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(Paths.Tiny, "model.safetensors")), File.ReadAllBytes(folder.File("model.safetensors")));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(Paths.Tiny, "tokenizer.json")), File.ReadAllBytes(folder.File("tokenizer.json")));
    }

    [Fact]
    public void Merge_TokenizerOfTheLanguageModel_GetsFlamingosTokens()
    {
        using var folder = new TemporaryFolder();
        var complete = File.ReadAllText(Path.Combine(Paths.Tiny, "tokenizer.json"));
        var plain = folder.Write("tokenizer.json", WithoutLastTokens(complete, 3));
        var files = ModelFiles.Locate(Paths.Tiny) with { Tokenizer = plain };
        Assert.Null(new BpeTokenizer(TokenizerFile.Load(plain)).IdOf("<image>"));

        OpenFlamingoMerger.Merge(files, folder.File("merged"));
        var expected = new BpeTokenizer(TokenizerFile.Load(Paths.Tiny));
        var merged = new BpeTokenizer(TokenizerFile.Load(folder.File("merged/tokenizer.json")));
        const string text = "<image>a red circle<|endofchunk|> <PAD>";
        Assert.Equal(expected.VocabularySize, merged.VocabularySize);
        Assert.Equal(expected.Encode(text, parseSpecial: true), merged.Encode(text, parseSpecial: true));
        Assert.Equal(
            CliRun.Tiny(
                "caption", Paths.Photo).Output, CliRun.Of("caption", "-m", folder.File("merged"), Paths.Photo).Output);
    }

    [Fact]
    public void Merge_Gpt2StyleTokenizer_IsCopied()
    {
        using var folder = new TemporaryFolder();
        var tokenizer =
            System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(Paths.Tiny, "tokenizer.json")))!;
        var added =
            tokenizer["added_tokens"]!.AsArray().Skip(2).Select(token => $"\"{token!["content"]}\":{token["id"]}");
        folder.Write("vocab.json", tokenizer["model"]!["vocab"]!.ToJsonString());
        folder.Write("merges.txt", "#version: 0.2\n" + string.Join('\n', tokenizer["model"]!["merges"]!.AsArray().Select(merge => (string)merge!)));
        folder.Write("added_tokens.json", $"{{{string.Join(',', added.SkipLast(3))}}}");

        OpenFlamingoMerger.Merge(ModelFiles.Locate(Paths.Tiny) with { Tokenizer = folder.Path }, folder.File("merged"));
        Assert.Equal(
            ["added_tokens.json", "flamingo.json", "merges.txt", "model.safetensors", "vocab.json"],
            Directory.GetFiles(folder.File("merged")).Select(Path.GetFileName).Order());
        Assert.Equal(
            CliRun.Tiny(
                "caption", Paths.Photo).Output, CliRun.Of("caption", "-m", folder.File("merged"), Paths.Photo).Output);
    }

    private static string WithoutLastTokens(string json, int count)
    {
        var root = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        var added = root["added_tokens"]!.AsArray();
        for (var i = 0; i < count; i++) added.RemoveAt(added.Count - 1);
        return root.ToJsonString();
    }

    [Fact]
    public void Merge_IntoAPartsFolder_IsRefused()
    {
        var files = ModelFiles.Locate(Paths.Tiny);
        var before = File.GetLastWriteTimeUtc(Path.Combine(Paths.Tiny, "model.safetensors"));
        Assert.Throws<InvalidRequestException>(() => OpenFlamingoMerger.Merge(files, Paths.Tiny));
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(Paths.Tiny, "model.safetensors")));
    }

    [Fact]
    public void Merge_Cancelled_LeavesNoFile()
    {
        using var folder = new TemporaryFolder();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            OpenFlamingoMerger.Merge(Parts("openflamingo-mpt7b", "checkpoint.safetensors"), folder.Path, cancellation: cancelled.Token));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Convert_PartsByCommand_MakesAFolderThatRuns()
    {
        using var folder = new TemporaryFolder();
        var fixture = Paths.Fixture("openflamingo-mpt1b");
        var run = CliRun.Of(
            "convert", "--vision", $"{fixture}/vision", "--lm", $"{fixture}/lm", "--checkpoint", $"{fixture}/checkpoint.pt", "--out", folder.File("out"));
        Assert.Equal((0, ""), (run.Code, run.Output));
        Assert.Contains("no tokenizer", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, CliRun.Of("inspect", folder.File("out")).Code);
        Assert.Equal(2, CliRun.Of("convert", "-m", folder.File("out"), "--out", folder.File("out")).Code);
    }

    [Theory]
    [InlineData("training-protocol5.pt")]
    [InlineData("module-prefix.bin")]
    [InlineData("traced.pt")]
    public void Convert_TorchFile_HoldsItsTensors(string name)
    {
        using var folder = new TemporaryFolder();
        var input = Path.Combine(Paths.Fixture("torch"), name);
        Assert.Equal(0, CliRun.Of("convert", input, folder.File("out.safetensors")).Code);
        using var expected = TensorSources.Open(input);
        using var actual = TensorSources.Open(folder.File("out.safetensors"));
        Assert.Equal(expected.Entries.Count, actual.Entries.Count);
        foreach (var entry in expected.Entries)
        {
            Assert.True(actual.TryGet(entry.Name, out var copy));
            Assert.Equal((entry.DType, entry.Shape), (copy.DType, copy.Shape));
            Assert.Equal(expected.Read(entry).Bytes.ToArray(), actual.Read(copy).Bytes.ToArray());
        }
    }

    private static ModelFiles Parts(string fixture, string checkpoint) => new()
    {
        Vision = Path.Combine(Paths.Fixture(fixture), "vision"),
        Language = Path.Combine(Paths.Fixture(fixture), "lm"),
        Checkpoint = Path.Combine(Paths.Fixture(fixture), checkpoint),
    };

    private static FlamingoOptions OptionsOf(ModelFiles files) => new()
    {
        VisionPath = files.Vision,
        LanguagePath = files.Language,
        CheckpointPath = files.Checkpoint,
    };

    /// <summary>Logits of a prompt of seven tokens with two pictures of noise.</summary>
    private static float[] Logits(FlamingoOptions options)
    {
        using var flamingo = Flamingo.Load(options);
        var (config, random) = (flamingo.Model.Config, new SplitMix64(5));
        MediaPixels Noise() => new([.. Enumerable.Range(0, 3 * config.Vision.ImageHeight * config.Vision.ImageWidth).Select(_ => (float)(random.NextUnit() - 0.5))]);
        var image = config.Tokens.Image;
        var prompt = new SequenceInput([image, 3, 1, image, 2, 7, 4], [0, 3], [Noise(), Noise()]);
        using var session =
            new TextSession(flamingo.Model, flamingo.Compute, [prompt], newTokens: 0);
        session.EncodeMedia(flamingo.Media);
        session.Prefill();
        return session.Logits(0).ToArray();
    }

    /// <summary>The same tower as a Hugging Face folder: other names, query, key and value apart.</summary>
    private static void WriteHuggingFaceTower(string openClip, string folder)
    {
        Directory.CreateDirectory(folder);
        using var source = TensorSources.Open(openClip);
        var tensors = new List<TensorToWrite>();
        foreach (var entry in source.Entries.Where(entry => entry.Name.StartsWith("visual.", StringComparison.Ordinal) && entry.Name != "visual.proj"))
        {
            var (name, bytes) = (entry.Name["visual.".Length..], source.Read(entry).Bytes.ToArray());
            if (name.Contains("in_proj_", StringComparison.Ordinal))
            {
                var kind = name[(name.LastIndexOf('_') + 1)..];
                var layer = name.Split('.')[2];
                var third = bytes.Length / 3;
                long[] extents = [entry.Shape[0] / 3, .. entry.Shape.Extents[1..]];
                for (var i = 0; i < 3; i++)
                {
                    tensors.Add(TensorToWrite.FromBytes(
                        $"vision_model.encoder.layers.{layer}.self_attn.{"qkv"[i]}_proj.{kind}", entry.DType, Shape.Create(extents), bytes.AsMemory(i * third, third)));
                }

                continue;
            }

            var renamed = name
                .Replace("class_embedding", "embeddings.class_embedding", StringComparison.Ordinal)
                .Replace("conv1.weight", "embeddings.patch_embedding.weight", StringComparison.Ordinal)
                .Replace("positional_embedding", "embeddings.position_embedding.weight", StringComparison.Ordinal)
                .Replace("ln_pre", "pre_layrnorm", StringComparison.Ordinal)
                .Replace("ln_post", "post_layernorm", StringComparison.Ordinal)
                .Replace("transformer.resblocks", "encoder.layers", StringComparison.Ordinal)
                .Replace("ln_1", "layer_norm1", StringComparison.Ordinal)
                .Replace("ln_2", "layer_norm2", StringComparison.Ordinal)
                .Replace(".attn.", ".self_attn.", StringComparison.Ordinal)
                .Replace("c_fc", "fc1", StringComparison.Ordinal)
                .Replace("c_proj", "fc2", StringComparison.Ordinal);
            tensors.Add(TensorToWrite.FromBytes($"vision_model.{renamed}", entry.DType, entry.Shape, bytes));
        }

        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), tensors);
        File.WriteAllText(
            Path.Combine(folder, "config.json"),
            """{"vision_config":{"hidden_act":"quick_gelu","num_attention_heads":2,"image_size":32,"patch_size":8,"layer_norm_eps":1e-05}}""");
    }
}
