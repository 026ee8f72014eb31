using FlamingoGpu.Core;

namespace FlamingoGpu;

/// <summary>One part of a model in numbers.</summary>
/// <param name="Name">Part name, such as <c>resampler</c>.</param>
/// <param name="Tensors">Tensors the model asked for.</param>
/// <param name="Parameters">Numbers in them.</param>
/// <param name="BytesByType">Bytes of each type they are used in.</param>
public sealed record ModelPart(string Name, int Tensors, long Parameters, IReadOnlyList<(DType Type, long Bytes)> BytesByType)
{
    /// <summary>Bytes of all types.</summary>
    public long Bytes => BytesByType.Sum(item => item.Bytes);
}
