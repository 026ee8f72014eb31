// One gated block, one decoder layer of MPT and the head, as the formulas read, in double precision: loops and nothing
// else. Shares no code with the kernels or the modules it judges (Flamingo 2022, §3.1.2; open_flamingo helpers.py;
// llm-foundry blocks.py). Weights are widened from the bits they are stored in, which is exact.

using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;

namespace FlamingoGpu.Bench;

/// <summary>The double-precision calculation the model's results are held against before anything is measured.</summary>
internal sealed unsafe class LayerReference
{
    private readonly FlamingoConfig _config;
    private readonly Dictionary<string, Weight> _weights;

    public LayerReference(FlamingoModel model)
    {
        _config = model.Config;
        _weights = model.Weights.Weights.ToDictionary(weight => weight.Name, StringComparer.Ordinal);
    }

    private MptConfig Language => _config.Language;

    /// <summary>The gated block before a decoder layer.</summary>
    /// <param name="layer">The decoder layer.</param>
    /// <param name="x">[tokens, width].</param>
    /// <param name="media">[latents, visualWidth]: one medium.</param>
    /// <param name="seesMedia">For each token, whether the medium stands before it.</param>
    /// <returns>[tokens, width].</returns>
    public double[][] GatedBlock(int layer, double[][] x, double[][] media, bool[] seesMedia)
    {
        var name = $"lang_encoder.transformer.blocks.{layer}.gated_cross_attn_layer.";
        var cross = _config.CrossAttention;
        var inner = cross.Heads * cross.HeadDim;
        var q = Linear(LayerNorm(x, name + "attn.norm"), name + "attn.to_q.weight");
        var kv = Linear(media, name + "attn.to_kv.weight"); // [latents, 2·inner]: k, then v
        var (k, v) = (Columns(kv, 0, inner), Columns(kv, inner, inner));
        var attended = q.Select((row, token) => seesMedia[token]
            ? Attend(row, k, v, k.Length, cross.Heads, cross.HeadDim, (_, _) => 0)
            : new double[inner]).ToArray();
        var y = Add(x, Linear(attended, name + "attn.to_out.weight"), Math.Tanh(Value(name + "attn_gate")[0]));
        var up = Map(Linear(LayerNorm(y, name + "ff.0"), name + "ff.1.weight"), Gelu);
        return Add(y, Linear(up, name + "ff.3.weight"), Math.Tanh(Value(name + "ff_gate")[0]));
    }

    /// <summary>What the attention of a decoder layer takes, each [tokens, width].</summary>
    /// <param name="layer">Which.</param>
    /// <param name="x">[tokens, width].</param>
    public (double[][] Q, double[][] K, double[][] V) QueriesKeysValues(int layer, double[][] x)
    {
        var (name, old, width) = (LayerName(layer), Language.MosaicGptNames, Language.Width);
        var qkv = Linear(LayerNorm(x, name + (old ? "ln_1" : "norm_1")), name + "attn.Wqkv.weight");
        var (q, k, v) = (Columns(qkv, 0, width), Columns(qkv, width, width), Columns(qkv, 2 * width, width));
        return Language.QkNorm
            ? (LayerNorm(q, name + "attn.q_ln"), LayerNorm(k, name + "attn.k_ln"), v)
            : (q, k, v);
    }

    /// <summary>A decoder layer over a whole sequence.</summary>
    /// <param name="layer">Which.</param>
    /// <param name="x">[tokens, width].</param>
    /// <param name="q">Queries, from <see cref="QueriesKeysValues"/>.</param>
    /// <param name="k">Keys attended to.</param>
    /// <param name="v">Values attended to.</param>
    /// <returns>[tokens, width].</returns>
    public double[][] DecoderLayer(int layer, double[][] x, double[][] q, double[][] k, double[][] v)
    {
        var (name, old) = (LayerName(layer), Language.MosaicGptNames);
        var slopes = Alibi.Slopes(Language.Heads, Language.AlibiBiasMax, Language.Slopes);
        var attended = q.Select((row, token) => Attend(
            row, k, v, token + 1, Language.Heads, Language.HeadDim, (head, key) => slopes[head] * (double)(key - token))).ToArray();
        var y = Add(x, Linear(attended, name + "attn.out_proj.weight"), 1);
        var normed = LayerNorm(y, name + (old ? "ln_2" : "norm_2"));
        var up = Map(Linear(normed, name + (old ? "mlp.mlp_up.weight" : "ffn.up_proj.weight")), Gelu);
        return Add(y, Linear(up, name + (old ? "mlp.mlp_down.weight" : "ffn.down_proj.weight")), 1);
    }

    private static string LayerName(int layer) => $"lang_encoder.transformer.blocks.{layer}.decoder_layer.";

    /// <summary>Logits [rows, vocabulary] of hidden states [rows, width].</summary>
    public double[][] Head(double[][] x)
    {
        const string name = "lang_encoder.transformer.";
        return Linear(LayerNorm(x, name + (Language.MosaicGptNames ? "ln_f" : "norm_f")), name + "wte.weight");
    }

    /// <summary>erf(x), a series of positive terms: 2/√π · e^(−x²) · Σ 2ⁿ·x^(2n+1) / (1·3·5·…·(2n+1)).</summary>
    internal static double Erf(double x)
    {
        if (Math.Abs(x) > 6) return Math.Sign(x); // 1 − erf(6) < 1e-16
        double term = x, sum = x;
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private static double Gelu(double x) => x / 2 * (1 + Erf(x / Math.Sqrt(2)));

    private double[][] LayerNorm(double[][] x, string name)
    {
        const double epsilon = 1e-5;
        var scale = Value(name + ".weight");
        var bias = _weights.ContainsKey(name + ".bias") ? Value(name + ".bias") : new double[scale.Length];
        return [.. x.Select(row =>
        {
            var mean = row.Average();
            var deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + epsilon);
            return row.Select((value, i) => (value - mean) / deviation * scale[i] + bias[i]).ToArray();
        })];
    }

    private double[][] Linear(double[][] x, string name)
    {
        var weight = Find(name); // [out, in]
        var (outputs, inputs) = (weight.Shape.Int(0), weight.Shape.Int(1));
        var y = x.Select(_ => new double[outputs]).ToArray();
        Parallel.For(0, outputs, output =>
        {
            var row = new double[inputs];
            for (var i = 0; i < inputs; i++) row[i] = Element(weight, (long)output * inputs + i);
            for (var token = 0; token < x.Length; token++)
            {
                double sum = 0;
                for (var i = 0; i < inputs; i++) sum += x[token][i] * row[i];
                y[token][output] = sum;
            }
        });
        return y;
    }

    /// <summary>Multi-head attention of one query over keys 0 … count−1, with a bias per head and key.</summary>
    private static double[] Attend(
        double[] q, double[][] keys, double[][] values, int count, int heads, int headDim, Func<int, int, double> bias)
    {
        var result = new double[heads * headDim];
        for (var head = 0; head < heads; head++)
        {
            var first = head * headDim;
            var scores = new double[count];
            for (var key = 0; key < count; key++)
            {
                for (var i = 0; i < headDim; i++) scores[key] += q[first + i] * keys[key][first + i];
                scores[key] = scores[key] / Math.Sqrt(headDim) + bias(head, key);
            }

            var largest = scores.Max();
            var total = scores.Sum(score => Math.Exp(score - largest));
            for (var key = 0; key < count; key++)
            {
                var share = Math.Exp(scores[key] - largest) / total;
                for (var i = 0; i < headDim; i++) result[first + i] += share * values[key][first + i];
            }
        }

        return result;
    }

    private static double[][] Columns(double[][] x, int start, int count) =>
        [.. x.Select(row => row.AsSpan(start, count).ToArray())];

    private static double[][] Map(double[][] x, Func<double, double> function) =>
        [.. x.Select(row => row.Select(function).ToArray())];

    private static double[][] Add(double[][] x, double[][] branch, double factor) =>
        [.. x.Select((row, token) => row.Select((value, i) => value + factor * branch[token][i]).ToArray())];

    private double[] Value(string name)
    {
        var weight = Find(name);
        var values = new double[weight.Shape.ElementCount];
        for (var i = 0; i < values.Length; i++) values[i] = Element(weight, i);
        return values;
    }

    private Weight Find(string name) => _weights.TryGetValue(name, out var weight)
        ? weight
        : throw new InvalidRequestException(
            $"the bench's reference looks for '{name}', which this model does not have; it knows MPT without biases.");

    private static double Element(Weight weight, long index) => weight.Type.DType switch
    {
        DType.F32 => ((float*)weight.HostAddress)[index],
        DType.BF16 => BFloat16.ToSingle(((ushort*)weight.HostAddress)[index]),
        _ => (double)((Half*)weight.HostAddress)[index],
    };
}
