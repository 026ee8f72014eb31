using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>A captured graph, instantiated and uploaded.</summary>
internal sealed unsafe class CudaGraph : IGpuGraph
{
    private readonly CudaContext _context;

    /// <summary>Instantiates a captured template, and destroys it.</summary>
    public CudaGraph(CudaContext context, nint template, nint stream)
    {
        _context = context;
        var api = context.Enter();
        nint executable = 0;
        try
        {
            nuint nodes = 0;
            api.Check(api.GraphGetNodes(template, null, &nodes), "cuGraphGetNodes");
            NodeCount = (int)nodes;
            api.Check(api.GraphInstantiateWithFlags(&executable, template, 0), "cuGraphInstantiateWithFlags");
            var status = api.GraphUpload(executable, stream);
            if (status != CudaStatus.Success) _ = api.GraphExecDestroy(executable);
            api.Check(status, "cuGraphUpload");
        }
        finally
        {
            _ = api.GraphDestroy(template);
        }

        Handle = executable;
    }

    /// <summary><c>CUgraphExec</c>.</summary>
    public nint Handle { get; private set; }

    /// <inheritdoc/>
    public int NodeCount { get; }

    /// <summary>Never throws.</summary>
    public void Dispose()
    {
        if (Handle != 0 && _context.IsOpen) _ = _context.Enter().GraphExecDestroy(Handle);
        Handle = 0;
    }
}
