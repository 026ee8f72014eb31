namespace FlamingoGpu.Kernels;

/// <summary>An op that takes several launches, run in order: partial results, then their combination.</summary>
internal sealed class GpuSequence(string variant, params GpuLaunch[] launches) : BoundKernel
{
    /// <inheritdoc/>
    public override string Variant => variant;

    /// <inheritdoc/>
    public override IReadOnlyList<GpuLaunch> Launches => launches;

    /// <inheritdoc/>
    public override void Run()
    {
        foreach (var launch in launches) launch.Run();
    }
}
