namespace FlamingoGpu.Ptx;

/// <summary>A block of device code: the kernel, the body of a loop, a branch, a guarded region.</summary>
internal sealed class Scope(Scope? parent)
{
    /// <summary>Whether code in <paramref name="inner"/> may read what this scope defines.</summary>
    public bool Encloses(Scope inner)
    {
        for (var scope = inner; scope is not null; scope = scope.Parent)
            if (ReferenceEquals(scope, this)) return true;
        return false;
    }

    private Scope? Parent { get; } = parent;
}
