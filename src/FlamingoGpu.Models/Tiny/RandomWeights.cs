using System.Runtime.InteropServices;
using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models.Tiny;

/// <summary>
/// Makes up whatever weights a model asks for and keeps them for writing. A tensor's numbers depend on the seed and its
/// name alone. Their distribution is bell-shaped as the sum of twelve uniforms: additions only, so that every machine
/// gives the same bits, which a logarithm or cosine of its C library would not.
/// </summary>
/// <param name="owner">Records what is asked for.</param>
/// <param name="part">Part of the model.</param>
/// <param name="seed">Seed of all tensors.</param>
/// <param name="tensors">Gets every tensor.</param>
internal sealed class RandomWeights(ModelWeights owner, string part, ulong seed, List<TensorToWrite> tensors) : IWeightSource
{
    /// <inheritdoc/>
    public bool Contains(string name) => false;

    /// <inheritdoc/>
    public Weight Matrix(string name, Shape shape, Shape? storedShape = null)
    {
        // 1/√fanIn keeps the size of activations. It suits the embedding, too: larger, and its tied head would only ever
        // repeat the last token.
        var values = Normal(name, shape.ElementCount, mean: 0, 1 / Math.Sqrt(shape[^1]));
        var bits = Array.ConvertAll(values, BFloat16.FromSingle);
        tensors.Add(
            TensorToWrite.FromBytes(name, DType.BF16, storedShape ?? shape, MemoryMarshal.AsBytes(bits.AsSpan()).ToArray()));
        return owner.Add(part, name, new TensorType(DType.BF16, shape), 0);
    }

    /// <inheritdoc/>
    public Weight Vector(string name, Shape shape)
    {
        var (mean, deviation) = name switch
        {
            _ when name.EndsWith("_gate", StringComparison.Ordinal) => (0.75, 0.1), // open enough to see the picture
            _ when name.EndsWith(".bias", StringComparison.Ordinal) || name.EndsWith("_bias", StringComparison.Ordinal) => (0, 0.02),
            _ when name.EndsWith("embedding", StringComparison.Ordinal) || name.EndsWith("latents", StringComparison.Ordinal) => (0, 0.5),
            _ => (1, 0.05), // the scale of a norm
        };
        tensors.Add(TensorToWrite.FromSingles(name, shape, Normal(name, shape.ElementCount, mean, deviation)));
        return owner.Add(part, name, TensorType.F32(shape), 0);
    }

    /// <inheritdoc/>
    public Weight Transposed(string name, Shape shape)
    {
        tensors.Add(
            TensorToWrite.FromSingles(name, shape, Normal(name, shape.ElementCount, mean: 0, 1 / Math.Sqrt(shape[0]))));
        return owner.Add(part, name, TensorType.F32([shape[1], shape[0]]), 0);
    }

    private float[] Normal(string name, long count, double mean, double deviation)
    {
        var random = new SplitMix64(seed ^ Fnv1a(name));
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
        {
            var sum = -6.0; // twelve uniforms have mean 6 and variance 1
            for (var j = 0; j < 12; j++) sum += random.NextUnit();
            values[i] = (float)(mean + deviation * sum);
        }

        return values;
    }

    private static ulong Fnv1a(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(name)) hash = (hash ^ value) * 1099511628211UL;
        return hash;
    }
}
