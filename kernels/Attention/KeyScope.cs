using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>The keys of one thread block's queries, as seen from inside the kernel.</summary>
/// <param name="Runs">Where they lie: one run, or several that are attended to as if they followed each other.</param>
/// <param name="Row">Stages what one query of a head sees: head, query counted within its batch entry.</param>
internal sealed record KeyScope(IReadOnlyList<KeyRun> Runs, Func<S32, S32, QueryRow> Row)
{
    /// <summary>A scope whose queries see all keys of all runs.</summary>
    public KeyScope(params IReadOnlyList<KeyRun> runs)
        : this(runs, (_, _) => new QueryRow())
    {
    }

    /// <summary>How queries turn before they meet keys; null where they do not.</summary>
    public HeadRotation? Rotation { get; init; }

    /// <summary>A key beside those of the runs, still to be stored; null where there is none.</summary>
    public FreshKey? Fresh { get; init; }
}
