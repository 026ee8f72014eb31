using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// Finds out what CLIP vision tower a file holds: naming scheme, prefix and sizes from the tensors themselves; head
/// count and activation from <c>open_clip_config.json</c> or a Hugging Face <c>config.json</c> beside them. Without a
/// configuration (the OpenAI archive) heads are 64 wide and the activation is QuickGELU, as OpenAI trained it.
/// </summary>
public static class VisionConfigReader
{
    private static readonly (string Prefix, ClipNaming Naming)[] Layouts =
    [
        ("visual.", ClipNaming.OpenClip),
        ("vision_encoder.", ClipNaming.OpenClip),
        ("", ClipNaming.OpenClip),
        ("vision_model.", ClipNaming.HuggingFace),
        ("model.vision_model.", ClipNaming.HuggingFace),
        ("vision_encoder.vision_model.", ClipNaming.HuggingFace),
        ("", ClipNaming.HuggingFace),
    ];

    /// <summary>Reads a tower.</summary>
    /// <param name="source">The tensors.</param>
    /// <param name="config">The configuration beside them, or null.</param>
    /// <param name="stated">What a manifest states, for a file without a configuration; its heads and image size count.</param>
    /// <returns>Prefix of the tower's names, naming scheme, sizes and choices.</returns>
    /// <exception cref="InvalidFileException">No tower is in the file, or its configuration contradicts its tensors.</exception>
    public static (string Prefix, ClipNaming Naming, VisionConfig Config) Read(
        ITensorSource source, JsonConfig? config, VisionConfig? stated = null)
    {
        foreach (var (prefix, naming) in Layouts)
        {
            var convolution = prefix + (naming == ClipNaming.OpenClip ? "conv1.weight" : "embeddings.patch_embedding.weight");
            if (source.TryGet(convolution, out var entry)) return (prefix, naming, FromTensors(source, config, stated, prefix, naming, entry));
        }

        throw new InvalidFileException(
            source.Location,
            "holds no CLIP vision tower: looked for 'visual.conv1.weight' (open_clip, OpenAI) and "
            + "'vision_model.embeddings.patch_embedding.weight' (Hugging Face).");
    }

    private static VisionConfig FromTensors(
        ITensorSource source, JsonConfig? config, VisionConfig? stated, string prefix, ClipNaming naming, TensorEntry convolution)
    {
        var open = naming == ClipNaming.OpenClip;
        if (convolution.Shape.Rank != 4 || convolution.Shape[1] != 3 || convolution.Shape[2] != convolution.Shape[3] || convolution.Shape[2] == 0)
            throw new InvalidFileException(convolution.File, $"expected [width, 3, patch, patch], file has {convolution.Shape}.", convolution.Name);
        var (width, patch) = (convolution.Shape.Int(0), convolution.Shape.Int(2));
        var blocks = prefix + (open ? "transformer.resblocks." : "encoder.layers.");
        var upName = $"{blocks}0.mlp.{(open ? "c_fc" : "fc1")}.weight";
        if (!source.TryGet(upName, out var up) || up.Shape.Rank != 2)
            throw new InvalidFileException(source.Location, "missing or not a matrix; the tower has no first block.", upName);
        var vision = open ? config?.OptionalObject("model_cfg")?.OptionalObject("vision_cfg") : config?.OptionalObject("vision_config") ?? config;
        if (open) RefuseUnsupported(source, vision, prefix);
        var guess = Math.Max(1, width / 64); // OpenAI's heads are 64 wide
        var heads = stated is not null ? stated.Heads
            : open && vision is not null ? Math.Max(1, width / Math.Max(1, vision.Int("head_width", 64)))
            : vision?.Int("num_attention_heads", guess) ?? guess;
        if (heads < 1 || width % heads != 0)
            throw new InvalidFileException(config?.Path ?? source.Location, $"{heads} attention heads do not divide the tower's width {width}.");
        var (height, imageWidth) = ImageSize(source, vision, stated, prefix, open, patch);
        return new VisionConfig
        {
            Width = width,
            Heads = heads,
            PatchSize = patch,
            Layers = CountLayers(source, blocks),
            FeedForwardWidth = up.Shape.Int(0),
            ImageHeight = height,
            ImageWidth = imageWidth,
            OutputWidth = open && source.TryGet(prefix + "proj", out var projection) && projection.Shape.Rank == 2 ? projection.Shape.Int(1) : 0,
            Activation = ActivationOf(config, vision, open),
            NormEpsilon = (float)((open ? vision?.OptionalObject("norm_kwargs")?.Double("eps", 1e-5) : vision?.Double("layer_norm_eps", 1e-5)) ?? 1e-5),
        };
    }

    /// <summary>Variations of open_clip's towers that no Flamingo uses and that would change the numbers unnoticed.</summary>
    private static void RefuseUnsupported(ITensorSource source, JsonConfig? vision, string prefix)
    {
        foreach (var tensor in (ReadOnlySpan<string>)["transformer.resblocks.0.ls_1.gamma", "attn_pool.query", "patchnorm_pre_ln.weight"])
        {
            if (source.TryGet(prefix + tensor, out _))
                throw new NotSupportedException($"{source.Location}: the vision tower has '{prefix + tensor}'; layer scale, attention pooling and patch norms are not supported.");
        }

        foreach (var key in (ReadOnlySpan<string>)["no_ln_pre", "input_patchnorm", "attentional_pool"])
        {
            if (vision?.Bool(key, false) == true)
                throw new NotSupportedException($"{vision.Path}: '{key}: true' is not supported; no Flamingo release uses it.");
        }
    }

    private static (int Height, int Width) ImageSize(
        ITensorSource source, JsonConfig? vision, VisionConfig? stated, string prefix, bool open, int patch)
    {
        var name = prefix + (open ? "positional_embedding" : "embeddings.position_embedding.weight");
        if (!source.TryGet(name, out var positions) || positions.Shape.Rank != 2)
            throw new InvalidFileException(source.Location, "missing or not a matrix.", name);
        var patches = positions.Shape[0] - 1;
        if (stated is not null) return (stated.ImageHeight, stated.ImageWidth); // the tower checks its positions against it
        if (vision is not null && vision.Has("image_size"))
        {
            var (height, width) = vision.IntOrPair("image_size");
            if ((long)(height / patch) * (width / patch) != patches)
                throw new InvalidFileException(vision.Path, $"'image_size' {height}x{width} in patches of {patch} gives {height / patch * (width / patch)} positions, the tower has {patches}.", name);
            return (height, width);
        }

        var side = (int)Math.Round(Math.Sqrt(patches));
        if ((long)side * side != patches)
            throw new InvalidFileException(positions.File, $"{patches} positions are no square and no configuration states the image size.", name);
        return (side * patch, side * patch);
    }

    private static int CountLayers(ITensorSource source, string blocks)
    {
        var layers = 0;
        while (source.TryGet($"{blocks}{layers}.mlp.c_fc.weight", out _) || source.TryGet($"{blocks}{layers}.mlp.fc1.weight", out _)) layers++;
        return layers;
    }

    private static Activation ActivationOf(JsonConfig? config, JsonConfig? vision, bool open)
    {
        if (config is null) return Activation.QuickGelu;
        if (open) return config.OptionalObject("model_cfg")?.Bool("quick_gelu", false) == true ? Activation.QuickGelu : Activation.GeluErf;
        return vision?.String("hidden_act", "quick_gelu") switch
        {
            "quick_gelu" or null => Activation.QuickGelu,
            "gelu" => Activation.GeluErf,
            var other => throw new InvalidFileException(config.Path, $"'hidden_act' is '{other}'; expected 'quick_gelu' or 'gelu'."),
        };
    }
}
