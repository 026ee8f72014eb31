using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>The keys of one thread block's queries, as seen from inside the kernel.</summary>
/// <param name="Runs">Where they lie: one run, or several that are attended to as if they followed each other.</param>
/// <param name="Row">Stages what one query (counted within its batch entry) of a head sees.</param>
internal sealed record KeyScope(IReadOnlyList<KeyRun> Runs, Func<S32, S32, QueryRow> Row)
{
    /// <summary>A scope whose queries see all keys of all runs.</summary>
    public KeyScope(params IReadOnlyList<KeyRun> runs)
        : this(runs, (_, _) => new QueryRow())
    {
    }
}
