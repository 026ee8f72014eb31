using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;

namespace FlamingoGpu.Bench;

/// <summary>
/// Makes up the tensors a model asks for, at the speed of a disk: for each scale one block of random numbers is made,
/// and every tensor repeats it from a place of its own. The block's length is a prime, so no two rows of a matrix are
/// alike. Numbers are finite and of the size that keeps activations near 1.
/// </summary>
internal sealed class RandomTensors(DType dtype, ulong seed)
{
    private const int BlockLength = 1_048_583;

    private readonly Dictionary<(double Mean, double Deviation), byte[]> _blocks = [];
    private readonly SplitMix64 _random = new(seed);

    /// <summary>What was asked for so far, in that order.</summary>
    public List<TensorToWrite> Tensors { get; } = [];

    /// <summary>A source that the modules of a model can ask.</summary>
    public IWeightSource Source(ModelWeights weights, string part) => new RecordingSource(this, weights, part, dtype);

    private void Add(string name, Shape shape, double mean, double deviation)
    {
        var first = _random.Next(BlockLength);
        Tensors.Add(new TensorToWrite(name, dtype, shape, stream => Write(stream, shape.ElementCount, mean, deviation, first)));
    }

    private void Write(Stream stream, long count, double mean, double deviation, int first)
    {
        var block = Block(mean, deviation);
        var elementBytes = (int)dtype.ByteSize(1);
        for (var at = first; count > 0; at = 0)
        {
            var length = (int)Math.Min(BlockLength - at, count);
            stream.Write(block.AsSpan(at * elementBytes, length * elementBytes));
            count -= length;
        }
    }

    private byte[] Block(double mean, double deviation)
    {
        if (_blocks.TryGetValue((mean, deviation), out var known)) return known;
        var values = new float[BlockLength];
        var width = deviation * Math.Sqrt(12); // of a uniform distribution
        foreach (ref var value in values.AsSpan()) value = (float)(mean + width * (_random.NextUnit() - 0.5));
        var block = new byte[dtype.ByteSize(BlockLength)];
        FloatConversion.Convert(MemoryMarshal.AsBytes(values.AsSpan()), DType.F32, block, dtype);
        _blocks.Add((mean, deviation), block);
        return block;
    }

    private sealed class RecordingSource(RandomTensors tensors, ModelWeights weights, string part, DType dtype) : IWeightSource
    {
        private readonly ShapeOnlyWeights _shapes = new(weights, part, dtype);

        public bool Contains(string name) => false;

        public Weight Matrix(string name, Shape shape, Shape? storedShape = null)
        {
            tensors.Add(name, storedShape ?? shape, mean: 0, 1 / Math.Sqrt(shape[^1]));
            return _shapes.Matrix(name, shape, storedShape);
        }

        public Weight Vector(string name, Shape shape)
        {
            var (mean, deviation) = name switch
            {
                _ when name.EndsWith("_gate", StringComparison.Ordinal) => (0.5, 0.1),
                _ when name.EndsWith("bias", StringComparison.Ordinal) => (0, 0.02),
                _ when name.EndsWith("embedding", StringComparison.Ordinal) => (0, 0.5),
                _ when name.EndsWith("latents", StringComparison.Ordinal) => (0, 0.5),
                _ => (1, 0.05), // the scale of a norm
            };
            tensors.Add(name, shape, mean, deviation);
            return _shapes.Vector(name, shape);
        }

        public Weight Transposed(string name, Shape shape)
        {
            tensors.Add(name, shape, mean: 0, 1 / Math.Sqrt(shape[0]));
            return _shapes.Transposed(name, shape);
        }
    }
}
