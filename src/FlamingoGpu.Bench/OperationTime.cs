namespace FlamingoGpu.Bench;

/// <summary>Time of all nodes of a graph that run the same kernel on the same shapes.</summary>
/// <param name="Stage">Graph: <c>decode</c>, <c>prefill</c> or <c>image</c>.</param>
/// <param name="Kernel">Op, kernel variant and shape of the output.</param>
/// <param name="Count">Nodes.</param>
/// <param name="Milliseconds">Time of all of them in one run of the graph.</param>
/// <param name="Flops">Floating-point operations of all of them, from the ops' contracts.</param>
/// <param name="Bytes">Bytes of all of them, from the ops' contracts.</param>
public sealed record OperationTime(string Stage, string Kernel, int Count, double Milliseconds, long Flops, long Bytes)
{
    /// <summary>Rate of the bytes that must be read or written.</summary>
    public double GigabytesPerSecond => Bytes / Milliseconds / 1e6;

    /// <summary>Rate of the floating-point operations.</summary>
    public double GigaflopsPerSecond => Flops / Milliseconds / 1e6;
}
