using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>What one query sees of the keys of its block. What is null costs no instruction.</summary>
internal sealed record QueryRow
{
    /// <summary>First key it sees; null: the first of the run.</summary>
    public S32? First { get; init; }

    /// <summary>Behind the last key it sees; null: the end of the run.</summary>
    public S32? End { get; init; }

    /// <summary>ALiBi: what is added to the base-2 score of a key, for each position it lies behind the
    /// query.</summary>
    public F32? Slope { get; init; }

    /// <summary>The query's own position among the keys; given with <see cref="Slope"/>.</summary>
    public S32? Position { get; init; }

    /// <summary>True for a query that averages the values it sees, whatever their keys.</summary>
    public Pred? IsAverage { get; init; }

    /// <summary>True for a query whose positions or spans make no sense: its result is NaN, and it sees
    /// nothing.</summary>
    public Pred? IsInvalid { get; init; }

    /// <summary>What the sum of its weights starts as.</summary>
    public F32 EmptySum => IsInvalid is { } isInvalid ? Select(isInvalid, float.NaN, (F32)0f) : 0f;

    /// <summary>Whether it sees a key of a run.</summary>
    public Pred Sees(KeyRun run, S32 key)
    {
        var isBefore = key < (End ?? run.End);
        return First is { } first ? (key >= first) & isBefore : isBefore;
    }

    /// <summary>The base-2 score of a key: dot · factor, factor = scale · log₂e, and the strategy's part.</summary>
    public F32 Score(F32 dot, F32 factor, S32 key)
    {
        var score = dot * factor;
        if (Slope is { } slope) score = Fma(slope, (key - Position!.Value).ToF32(), score);
        return IsAverage is { } isAverage ? Select(isAverage, 0f, score) : score;
    }
}
