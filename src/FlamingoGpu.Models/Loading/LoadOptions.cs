using FlamingoGpu.Core;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Models;

/// <summary>How to load a model.</summary>
public sealed record LoadOptions
{
    /// <summary>Type to convert matrices to, or null to use them as stored.</summary>
    public DType? MatrixType { get; init; }

    /// <summary>Options to change after all files were read, as (<see cref="FlamingoConfigKeys"/> name, value).</summary>
    public IReadOnlyList<(string Key, string Value)> Set { get; init; } = [];

    /// <summary>
    /// Checks everything that headers and configurations show, but reads and converts no weights: the model has shapes
    /// and cannot run.
    /// </summary>
    public bool HeadersOnly { get; init; }

    /// <summary>Special ids (from the tokenizer), or null for the last rows of the embedding.</summary>
    public SpecialTokens? Tokens { get; init; }
}
