using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Models;

namespace FlamingoGpu.Golden;

/// <summary>One small model in every layout in which its parts are published gives the same logits.</summary>
public sealed class LayoutTests : IDisposable
{
    private readonly ComputeDevice _compute = ComputeDevice.Open("cpu");
    private readonly string _fixture = GoldenFolder.Of("openflamingo-mpt1b");
    private readonly string _layouts = GoldenFolder.Of("layouts");

    public void Dispose() => _compute.Dispose();

    [Theory]
    [InlineData("vision folder of open_clip", null, null, null)]
    [InlineData("vision as the OpenAI archive", "openai-clip.pt", null, null)]
    [InlineData("language model as one .bin", null, "lm-single", null)]
    [InlineData("language model as .bin shards", null, "lm", null)]
    [InlineData("checkpoint as torch zip", null, null, "checkpoint.pt")]
    [InlineData("all parts as torch files", "openai-clip.pt", "lm", "checkpoint.pt")]
    public void Load_PublishedLayout_SameLogits(string layout, string? vision, string? language, string? checkpoint)
    {
        var files = new ModelFiles
        {
            Vision = vision is null ? Path.Combine(_fixture, "vision") : Path.Combine(_layouts, vision),
            Language = language is null ? Path.Combine(_fixture, "lm") : Path.Combine(_layouts, language),
            Checkpoint = Path.Combine(_fixture, checkpoint ?? "checkpoint.safetensors"),
        };
        // the archive carries no configuration: heads of this tiny tower are not the 64 wide ones of OpenAI's
        (string, string)[] set = vision is null ? [] : [("vision.heads", "2")];

        Assert.True(Reference.SequenceEqual(Logits(files, set)), layout);
    }

    [Fact]
    public void Load_HuggingFaceClip_SameLogits()
    {
        using var scratch = new ScratchFolder();
        WriteHuggingFaceVision(Path.Combine(scratch.Path, "clip"));
        var files = Parts() with { Vision = Path.Combine(scratch.Path, "clip") };

        Assert.Equal(Reference, Logits(files));
    }

    [Fact]
    public void Locate_FolderOfPublishedParts_IsFoundByItsNames()
    {
        Assert.Equal(Reference, Logits(ModelFiles.Locate(_fixture)));
    }

    [Fact]
    public void Locate_ManifestThatNamesTheParts_IsFollowed()
    {
        using var copy = GoldenFolder.Copy("openflamingo-mpt1b");
        Directory.Move(Path.Combine(copy.Path, "vision"), Path.Combine(copy.Path, "tower"));
        File.WriteAllText(Path.Combine(copy.Path, ModelFiles.ManifestName), """
            {"format": "flamingo-model/1", "name": "parts", "parts": {"vision": "tower", "lm": "lm", "checkpoint": "checkpoint.pt"}, "options": {"xattn": {"every": 1}}}
            """);

        Assert.Equal(Reference, Logits(ModelFiles.Locate(copy.Path)));
    }

    [Theory]
    [InlineData("xattn", "every", 2, "gated blocks before layers 0, 1, 2")]
    [InlineData("resampler", "depth", 3, "resampler.depth is 3, but the checkpoint has 2")]
    [InlineData("resampler", "latents", 64, "resampler.latents is 64, but the checkpoint has 8")]
    public void Load_ManifestAgainstTheCheckpoint_NamesBoth(string group, string key, int value, string message)
    {
        using var copy = GoldenFolder.Copy("openflamingo-mpt1b");
        var option = $$"""{"{{key}}": {{value}}}""";
        File.WriteAllText(Path.Combine(copy.Path, ModelFiles.ManifestName), $$"""
            {"format": "flamingo-model/1", "parts": {"vision": "vision", "lm": "lm", "checkpoint": "checkpoint.pt"}, "options": {"{{group}}": {{option}} } }
            """);

        var error = Assert.Throws<InvalidFileException>(() => OpenFlamingoLoader.Load(ModelFiles.Locate(copy.Path)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_CheckpointOfAnotherLanguageModel_SaysSo()
    {
        var files = Parts() with { Checkpoint = Path.Combine(GoldenFolder.Of("openflamingo-mpt7b"), "checkpoint.safetensors") };

        var error = Assert.ThrowsAny<FlamingoException>(() => OpenFlamingoLoader.Load(files).Dispose());
        Assert.Contains("checkpoint", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A choice that would change the numbers is never skipped in silence.</summary>
    [Theory]
    [InlineData("lm/config.json", "\"alibi\": true", "\"alibi\": false", "alibi: false")]
    [InlineData("lm/config.json", "\"alibi\": true", "\"alibi\": true, \"prefix_lm\": true", "prefix_lm: true")]
    [InlineData("lm/config.json", "\"alibi\": true", "\"alibi\": true, \"attn_clip_qkv\": 6", "clip_qkv")]
    [InlineData("lm/config.json", "\"alibi\": true", "\"alibi\": true, \"logit_scale\": 2", "logit_scale")]
    [InlineData("lm/config.json", "\"alibi\": true", "\"alibi\": true, \"tie_word_embeddings\": false", "tie_word_embeddings")]
    [InlineData("lm/config.json", "\"mosaic_gpt\"", "\"falcon\"", "falcon")]
    [InlineData("vision/open_clip_config.json", "\"width\": 16", "\"width\": 16, \"no_ln_pre\": true", "no_ln_pre")]
    [InlineData("vision/open_clip_config.json", "\"width\": 16", "\"width\": 16, \"attentional_pool\": true", "attentional_pool")]
    public void Load_ChoiceNotImplemented_IsRefusedByName(string file, string text, string replacement, string named)
    {
        using var copy = GoldenFolder.Copy("openflamingo-mpt1b");
        var path = Path.Combine(copy.Path, file);
        var before = File.ReadAllText(path);
        File.WriteAllText(path, before.Replace(text, replacement, StringComparison.Ordinal));
        Assert.NotEqual(before, File.ReadAllText(path));

        var error = Assert.Throws<NotSupportedException>(() => OpenFlamingoLoader.Load(ModelFiles.Locate(copy.Path)).Dispose());
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private float[] Reference => field ??= Logits(Parts());

    private ModelFiles Parts() => new()
    {
        Vision = Path.Combine(_fixture, "vision"),
        Language = Path.Combine(_fixture, "lm"),
        Checkpoint = Path.Combine(_fixture, "checkpoint.safetensors"),
    };

    private float[] Logits(ModelFiles files, IReadOnlyList<(string, string)>? set = null)
    {
        using var model = OpenFlamingoLoader.Load(files, new LoadOptions { Set = set ?? [] });
        var random = new SplitMix64(11);
        var picture = new MediaPixels([.. Enumerable.Range(0, 3 * 32 * 32).Select(_ => (float)(2 * random.NextUnit() - 1))]);
        using var session = new TextSession(model, _compute, [new SequenceInput([258, 5, 9, 7], [0], [picture])], newTokens: 0);
        using var encoder = new MediaEncoder(model, _compute);
        session.EncodeMedia(encoder);
        session.Prefill();
        return session.Logits(0).ToArray();
    }

    /// <summary>Writes the tower under Hugging Face's names: three projections instead of one, no output projection.</summary>
    private void WriteHuggingFaceVision(string folder)
    {
        Directory.CreateDirectory(folder);
        using var source = TensorSources.Open(Path.Combine(_fixture, "vision"));
        var tensors = new List<TensorToWrite>();
        foreach (var entry in source.Entries.Where(entry => entry.Name.StartsWith("visual.", StringComparison.Ordinal)))
        {
            var bytes = source.Read(entry).Bytes.ToArray();
            var name = entry.Name["visual.".Length..]
                .Replace("conv1", "embeddings.patch_embedding", StringComparison.Ordinal)
                .Replace("class_embedding", "embeddings.class_embedding", StringComparison.Ordinal)
                .Replace("positional_embedding", "embeddings.position_embedding.weight", StringComparison.Ordinal)
                .Replace("ln_pre", "pre_layrnorm", StringComparison.Ordinal).Replace("ln_post", "post_layernorm", StringComparison.Ordinal)
                .Replace("transformer.resblocks", "encoder.layers", StringComparison.Ordinal)
                .Replace("ln_1", "layer_norm1", StringComparison.Ordinal).Replace("ln_2", "layer_norm2", StringComparison.Ordinal)
                .Replace("mlp.c_fc", "mlp.fc1", StringComparison.Ordinal).Replace("mlp.c_proj", "mlp.fc2", StringComparison.Ordinal)
                .Replace("attn.", "self_attn.", StringComparison.Ordinal);
            if (name == "proj") continue;
            if (!name.Contains("in_proj_", StringComparison.Ordinal))
            {
                tensors.Add(TensorToWrite.FromBytes("vision_model." + name, entry.DType, entry.Shape, bytes));
                continue;
            }

            var third = bytes.Length / 3;
            var shape = Shape.Create([entry.Shape[0] / 3, .. entry.Shape.Extents[1..]]);
            foreach (var (letter, i) in new[] { ("q", 0), ("k", 1), ("v", 2) })
            {
                var part = name.Replace("in_proj_", $"{letter}_proj.", StringComparison.Ordinal);
                tensors.Add(TensorToWrite.FromBytes("vision_model." + part, entry.DType, shape, bytes.AsMemory(i * third, third)));
            }
        }

        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), tensors);
        File.WriteAllText(Path.Combine(folder, "config.json"), """
            {"model_type": "clip_vision_model", "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "patch_size": 8, "image_size": 32, "hidden_act": "quick_gelu"}
            """);
    }
}
