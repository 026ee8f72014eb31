// Runs a prompt of a few tokens and one decode step through the product's own graphs and kernels, keeping what stands
// between the layers, and recalculates a gated block, the decoder layer behind it and the head in double precision, each
// from the numbers the product had before it. The prompt takes the kernels for many rows, the step those for one.
//
// The keys and values of the layer are compared where the product keeps them, rounded to the type of the cache; the
// attention of the layer is then recalculated over the kept ones.
//
// Bound of a stage: an inner product of length K rounds K times with errors of either sign, so its relative error grows
// like √K·u (Higham and Mary 2019), u = 2⁻²⁴; an elementwise step adds a few u. Steps along the stage are summed and
// doubled (the confidence of the analysis); relative to the largest value of the stage.

using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Bench;

/// <summary>Compares the model with <see cref="LayerReference"/>; a bench that did not pass it prints no figure.</summary>
internal static class ModelCheck
{
    private const int PromptTokens = 11;
    private const int MarkerAt = 2; // tokens before it see no medium
    private const double Unit = 1.0 / (1 << 24);

    /// <summary>Runs the comparison.</summary>
    /// <returns>One line per stage, with its largest difference and its bound.</returns>
    /// <exception cref="FlamingoException">A stage differs by more than its bound; names it.</exception>
    /// <param name="model">The model.</param>
    /// <param name="compute">Where it runs, and the type of its cache.</param>
    /// <param name="kernels">Its kernels, or what stands before them.</param>
    public static IReadOnlyList<string> Run(FlamingoModel model, ComputeDevice compute, IKernelLibrary kernels)
    {
        var random = new SplitMix64(7);
        var (language, gated) = (model.Config.Language, model.GatedLayers[0]);
        var latents = new float[model.Resampler.Config.Latents * model.Vision.Config.Width];
        foreach (ref var value in latents.AsSpan()) value = (float)(2 * random.NextUnit() - 1);
        var ids = Enumerable.Range(0, PromptTokens + 1).Select(_ => random.Next(language.Vocabulary)).ToArray();

        var (before, afterGated, keys, values, hidden, last, logits) = RunProduct(model, compute, kernels, gated, ids, latents);
        var reference = new LayerReference(model);
        var media = Rows(latents, model.Vision.Config.Width);
        var seesMedia = Enumerable.Range(0, ids.Length).Select(token => token >= MarkerAt).ToArray();
        var x = Rows(afterGated, language.Width);
        var (q, k, v) = reference.QueriesKeysValues(gated, x);
        return
        [
            Compare(
                $"gated block {gated}", reference.GatedBlock(gated, Rows(before, language.Width), media, seesMedia), afterGated,
                GatedSteps(model.Config)),
            Compare($"keys {gated}", k, keys, CachedSteps(language, compute.KvCache)),
            Compare($"values {gated}", v, values, CachedSteps(language, compute.KvCache)),
            Compare(
                $"decoder layer {gated}",
                reference.DecoderLayer(gated, x, q, Rows(keys, language.Width), Rows(values, language.Width)), hidden,
                DecoderSteps(language, ids.Length)),
            Compare(
                "head", reference.Head(Rows(last, language.Width)), logits,
                NormSteps(language.Width) + Math.Sqrt(language.Width)),
        ];
    }

    /// <summary>
    /// The stages of all tokens, prompt and step together, and what the cache holds of them; <c>Last</c> and <c>Logits</c> of the last prompt token and of
    /// the step.
    /// </summary>
    private static (
        float[] Before, float[] AfterGated, float[] Keys, float[] Values, float[] Hidden, float[] Last, float[] Logits)
        RunProduct(
            FlamingoModel model, ComputeDevice compute, IKernelLibrary kernels, int gated, int[] ids, float[] latents)
    {
        var device = compute.Device;
        var cross = model.Config.CrossAttention;
        using var cache = new KvCache(device, model.Language, batch: 1, context: ids.Length, compute.KvCache);
        using var mediaKv = new MediaKeyValues(
            device, model.GatedLayers.Count, media: 1, model.Resampler.Config.Latents, cross.Heads * cross.HeadDim);
        var project = model.ProjectMediaGraph(mediaKv);
        var prefill = model.TextGraph(cache, batch: 1, mediaKv, PromptTokens, logitsRows: 1, keepProbes: true, compute.Activations);
        var decode = model.TextGraph(cache, batch: 1, mediaKv, tokens: 1, logitsRows: 1, keepProbes: true, compute.Activations);
        var arenaBytes = Math.Max(project.ArenaBytes, Math.Max(prefill.ArenaBytes, decode.ArenaBytes));
        using var arena = new Arena(device, arenaBytes);
        var projection = new GraphExecutor(project, kernels, arena);
        projection.Write<float>("latents", latents);
        projection.Run();

        var beforeName = gated == 0 ? "token_embeddings" : $"hidden.{gated - 1}";
        string[] names =
            [beforeName, $"after_xattn.{gated}", $"hidden.{gated}", $"hidden.{model.Language.Layers - 1}", "logits"];
        var prompt = RunText(new GraphExecutor(prefill, kernels, arena), ids[..PromptTokens], past: 0, names);
        var step = RunText(new GraphExecutor(decode, kernels, arena), ids[PromptTokens..], PromptTokens, names);
        var lastOfPrompt = prompt[3].AsSpan((PromptTokens - 1) * model.Language.Width).ToArray();
        return (
            [.. prompt[0], .. step[0]], [.. prompt[1], .. step[1]],
            Cached(device, cache, cache.Keys(gated).Address), Cached(device, cache, cache.Values(gated).Address),
            [.. prompt[2], .. step[2]], [.. lastOfPrompt, .. step[3]], [.. prompt[4], .. step[4]]);
    }

    /// <summary>Keys or values of a layer as the cache holds them, widened.</summary>
    private static float[] Cached(IDevice device, KvCache cache, nint address)
    {
        var type = cache.LayerType(batch: 1);
        var bytes = new byte[type.ByteLength];
        device.Download(address, bytes);
        return cache.Type switch
        {
            DType.F32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            DType.BF16 => Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(), BFloat16.ToSingle),
            _ => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), half => (float)half),
        };
    }

    private static List<float[]> RunText(GraphExecutor executor, int[] ids, int past, string[] outputs)
    {
        var spans = new int[2 * ids.Length]; // first medium and count
        for (var i = 0; i < ids.Length; i++) spans[2 * i + 1] = past + i >= MarkerAt ? 1 : 0;
        executor.Write<int>("ids", ids);
        executor.Write<int>("past", [past]);
        executor.Write<int>("rows", [ids.Length - 1]);
        executor.Write<int>("spans", spans);
        executor.Run();
        return [.. outputs.Select(executor.Read)];
    }

    private static string Compare(string stage, double[][] expected, float[] actual, double steps)
    {
        double largest = 0, worst = 0;
        var at = 0;
        var width = expected[0].Length;
        for (var i = 0; i < actual.Length; i++)
        {
            var value = expected[i / width][i % width];
            largest = Math.Max(largest, Math.Abs(value));
            var difference = Math.Abs(value - actual[i]);
            if (difference <= worst) continue; // NaN is not, and is the worst
            (worst, at) = (double.IsNaN(difference) ? double.PositiveInfinity : difference, i);
            if (double.IsInfinity(worst)) break;
        }

        var bound = 2 * Unit * steps * largest;
        if (worst <= bound)
        {
            return FormattableString.Invariant($"{stage}: max difference {worst:0.0e+0} from a double-precision loop, ")
                + FormattableString.Invariant($"bound 2u*{steps:0}*{largest:0.00} = {bound:0.0e+0}");
        }

        throw new FlamingoException(
            FormattableString.Invariant($"{stage}: token {at / width}, element {at % width} is {actual[at]:R}, ")
            + FormattableString.Invariant($"a double-precision loop gives {expected[at / width][at % width]:R}; ")
            + FormattableString.Invariant($"the bound of the difference is {bound:0.0e+0}. ")
            + "The kernels compute something else, so no figure is printed.");
    }

    private static double GatedSteps(FlamingoConfig config)
    {
        var (width, cross) = (config.Language.Width, config.CrossAttention);
        var inner = cross.Heads * cross.HeadDim;
        var projections = NormSteps(width) + Math.Sqrt(width) + Math.Sqrt(config.Vision.Width) + Math.Sqrt(inner) + 4;
        var attention = AttentionSteps(cross.HeadDim, config.Resampler.Latents);
        return projections + attention + FeedForwardSteps(width, width * (double)cross.FeedForwardFactor);
    }

    /// <summary>A norm and a product, and for a 16-bit cache half a unit in its last place, in units of f32.</summary>
    private static double CachedSteps(MptConfig config, DType cache)
    {
        var norms = NormSteps(config.Width) * (config.QkNorm ? 2 : 1);
        var rounding = cache switch { DType.F32 => 0, DType.BF16 => 1 << 16, _ => 1 << 13 };
        return norms + Math.Sqrt(config.Width) + rounding / 2; // Compare doubles
    }

    private static double DecoderSteps(MptConfig config, int tokens)
    {
        var norms = NormSteps(config.Width) * (config.QkNorm ? 2 : 1);
        var attention = 2 * Math.Sqrt(config.Width) + AttentionSteps(config.HeadDim, tokens);
        return norms + attention + FeedForwardSteps(config.Width, config.FeedForwardWidth);
    }

    private static double FeedForwardSteps(double width, double inner) =>
        NormSteps(width) + Math.Sqrt(width) + Math.Sqrt(inner) + 8;

    private static double NormSteps(double width) => Math.Sqrt(width) + 4;

    private static double AttentionSteps(int headDim, int keys) => Math.Sqrt(headDim) + Math.Sqrt(keys) + 4;

    private static double[][] Rows(float[] values, int width) =>
        [.. values.Chunk(width).Select(row => Array.ConvertAll(row, value => (double)value))];
}
