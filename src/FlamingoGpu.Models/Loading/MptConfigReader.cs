using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Models;

/// <summary>
/// Reads the <c>config.json</c> of an MPT language model, of both code generations: <c>mosaic_gpt</c> (mpt-1b, flat
/// keys) and <c>mpt</c> (mpt-7b, nested <c>attn_config</c>). Choices that no release makes and that would change the
/// computation are refused by name.
/// </summary>
public static class MptConfigReader
{
    /// <summary>True when this room can run the language model the file describes.</summary>
    public static bool Supports(string modelType) => modelType is "mosaic_gpt" or "mpt";

    /// <summary>Reads the sizes and choices.</summary>
    /// <exception cref="InvalidFileException">A key is missing, of the wrong type or contradictory; names file and key.</exception>
    /// <exception cref="NotSupportedException">The file describes a language model or choice that is not implemented.</exception>
    public static MptConfig Read(JsonConfig config)
    {
        var type = config.String("model_type");
        if (!Supports(type))
            throw new NotSupportedException($"{config.Path}: language model '{type}' is not supported yet; supported are mosaic_gpt and mpt.");
        var old = type == "mosaic_gpt";
        var attention = old ? config : config.OptionalObject("attn_config") ?? JsonConfig.Parse(config.Path, "{}"u8.ToArray());
        RefuseUnsupported(config, attention, old);
        var width = config.Int("d_model");
        var heads = config.Int("n_heads");
        if (width <= 0 || heads <= 0 || width % heads != 0)
            throw new InvalidFileException(config.Path, $"'d_model' is {width} and 'n_heads' is {heads}; the width must be a positive multiple of the head count.");
        return new MptConfig
        {
            MosaicGptNames = old,
            Slopes = old ? AlibiSlopes.MosaicGpt : AlibiSlopes.Mpt,
            Width = width,
            Heads = heads,
            Layers = Positive(config, "n_layers"),
            FeedForwardWidth = InnerWidth(config, old ? "mlp_ratio" : "expansion_ratio", width),
            Context = Positive(config, "max_seq_len"),
            Vocabulary = Positive(config, "vocab_size"),
            QkNorm = attention.Bool(old ? "attn_qk_ln" : "qk_ln", false),
            AlibiBiasMax = attention.Double("alibi_bias_max", 8),
            SoftmaxScale = attention.Double("softmax_scale", 0),
        };
    }

    private static void RefuseUnsupported(JsonConfig config, JsonConfig attention, bool old)
    {
        Require(config, attention.Bool("alibi", old), "alibi: false (learned positions)");
        Require(config, !attention.Bool("prefix_lm", false), "prefix_lm: true");
        Require(config, !attention.Bool("attn_uses_sequence_id", false), "attn_uses_sequence_id: true");
        Require(config, !attention.Has("clip_qkv") && !attention.Has("attn_clip_qkv"), "clip_qkv");
        Require(config, !config.Has("logit_scale"), "logit_scale");
        Require(config, config.Bool("tie_word_embeddings", true), "tie_word_embeddings: false");
        Require(config, !attention.Bool("rope", false), "rope: true");
        Require(config, attention.Int("sliding_window_size", -1) == -1, "sliding_window_size");
        Require(config, config.OptionalObject("ffn_config")?.OptionalString("ffn_type") is null or "mptmlp", "ffn_type other than mptmlp");
        Require(config, config.OptionalObject("ffn_config")?.Has("ffn_act_fn") is not true, "ffn_act_fn");
        Require(config, config.Double("embedding_fraction", 1) == 1, "embedding_fraction other than 1");
        Require(config, attention.OptionalString("attn_type") is null or "multihead_attention", "attn_type other than multihead_attention");
        Require(config, config.OptionalString("norm_type") is null or "layernorm" or "low_precision_layernorm", "norm_type other than layernorm");
    }

    private static void Require(JsonConfig config, bool supported, string what)
    {
        if (!supported) throw new NotSupportedException($"{config.Path}: {what} is not supported; no Flamingo release uses it.");
    }

    private static int InnerWidth(JsonConfig config, string key, int width)
    {
        var inner = config.Double(key, 4) * width;
        if (inner < 1 || inner != Math.Floor(inner) || inner > int.MaxValue)
            throw new InvalidFileException(config.Path, $"'{key}' times 'd_model' is {inner}; expected a positive whole number.");
        return (int)inner;
    }

    private static int Positive(JsonConfig config, string key)
    {
        var value = config.Int(key);
        if (value <= 0) throw new InvalidFileException(config.Path, $"'{key}' is {value}; expected a positive number.");
        return value;
    }
}
