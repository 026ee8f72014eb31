using FlamingoGpu.Core;

namespace FlamingoGpu.Models;

/// <summary>One tensor a model asked for.</summary>
/// <param name="Part">Part of the model: vision, resampler, gated blocks, language, embedding.</param>
/// <param name="Name">Checkpoint name.</param>
/// <param name="DType">Type it is used in.</param>
/// <param name="Shape">Shape the module uses.</param>
public sealed record WeightRecord(string Part, string Name, DType DType, Shape Shape)
{
    /// <summary>Number of parameters.</summary>
    public long Parameters => Shape.ElementCount;

    /// <summary>Bytes in the type it is used in.</summary>
    public long Bytes => DType.ByteSize(Shape.ElementCount);
}
