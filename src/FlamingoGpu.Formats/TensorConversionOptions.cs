using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>What <see cref="TensorConversion"/> changes on the way; nothing by default.</summary>
public sealed record TensorConversionOptions
{
    /// <summary>
    /// Type that floating-point tensors (f64, f32, f16, bf16) are converted to: one of f32, f16, bf16, f64. Others keep
    /// theirs. Null keeps all as they are.
    /// </summary>
    public DType? DType { get; init; }

    /// <summary>Which tensors to write; null writes all.</summary>
    public Func<TensorEntry, bool>? Filter { get; init; }

    /// <summary>New name for a tensor; null keeps all names. Two tensors must not get the same.</summary>
    public Func<string, string>? Rename { get; init; }

    /// <summary>Strings for the file's <c>__metadata__</c>, such as where the weights came from.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
