using FlamingoGpu.Core;

namespace FlamingoGpu.Parity;

/// <summary>How to run fixtures.</summary>
public sealed record ParityOptions
{
    /// <summary>Device name.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads of the cpu device, null for all cores.</summary>
    public int? Threads { get; init; }

    /// <summary>Type to convert the fixture's matrices to, with a bound derived for it; null to use them as stored.</summary>
    public DType? MatrixType { get; init; }

    /// <summary>Model options to change, as (name, value): a run that should fail.</summary>
    public IReadOnlyList<(string Key, string Value)> Set { get; init; } = [];
}
