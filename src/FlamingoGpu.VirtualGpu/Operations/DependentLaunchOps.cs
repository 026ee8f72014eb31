using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary><c>griddepcontrol.wait</c>: from here on the warp may touch what the kernels in front wrote.</summary>
internal sealed class AwaitPredecessorsOp : Op
{
    public override void Run(Warp warp, uint mask)
    {
        if (mask == warp.Live) warp.HasWaited = true;
    }
}

/// <summary><c>griddepcontrol.launch_dependents</c>: a later start of them changes nothing here.</summary>
internal sealed class LaunchDependentsOp : Op
{
    public override void Run(Warp warp, uint mask)
    {
    }
}
