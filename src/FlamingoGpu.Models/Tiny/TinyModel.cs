using FlamingoGpu.Formats;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models.Prompts;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Models.Tiny;

/// <summary>
/// Makes the model that ships with the project: a complete OpenFlamingo of a million parameters with random weights, to
/// see every command work. Its answers mean nothing. The same seed gives the same bytes.
/// </summary>
public static class TinyModel
{
    /// <summary>Seed of the shipped folder.</summary>
    public const ulong ShippedSeed = 38;

    /// <summary>Writes <c>flamingo.json</c>, <c>model.safetensors</c> and <c>tokenizer.json</c>.</summary>
    /// <param name="folder">Folder to write to; made if it does not exist, files of these names are replaced.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="Core.FlamingoException">A file cannot be written.</exception>
    public static void Write(string folder, ulong seed = ShippedSeed)
    {
        var tokenizer = TinyTokenizer.Make();
        var bpe = new BpeTokenizer(TokenizerFile.Parse(tokenizer, "tokenizer.json"));
        Write(folder, Config(bpe.VocabularySize, SpecialTokens.Find(bpe)), tokenizer, seed);
    }

    /// <summary>Writes a random model of any sizes.</summary>
    internal static void Write(string folder, FlamingoConfig config, byte[] tokenizer, ulong seed)
    {
        var tensors = new List<TensorToWrite>();
        using (var weights = new ModelWeights())
        {
            using var model = OpenFlamingo.Build(
                config, OpenFlamingoScopes.Merged(part => new RandomWeights(weights, part, seed, tensors)), weights);
        }

        var note = $"random weights, made by 'flamingo-run tiny' with seed {seed}";
        ModelFolder.Write(folder, config, tensors, [("tokenizer.json", tokenizer)], note);
    }

    /// <summary>The sizes: everything OpenFlamingo has, as small as it can be without being degenerate.</summary>
    internal static FlamingoConfig Config(int vocabulary, SpecialTokens tokens) => new()
    {
        Name = "flamingo-tiny",
        Vision = new VisionConfig
        {
            Width = 64,
            Layers = 3,
            Heads = 2,
            FeedForwardWidth = 256,
            PatchSize = 14,
            ImageHeight = 56,
            ImageWidth = 56,
            OutputWidth = 48,
        },
        Resampler = new ResamplerConfig { Depth = 2, Latents = 16, Heads = 4, HeadDim = 16 },
        CrossAttention = new CrossAttentionConfig { Every = 2, Heads = 4, HeadDim = 16 },
        Language = new MptConfig
        {
            Width = 96,
            Layers = 4,
            Heads = 4,
            FeedForwardWidth = 384,
            Context = 512,
            Vocabulary = vocabulary,
        },
        Tokens = tokens,
    };
}
