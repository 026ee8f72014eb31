using FlamingoGpu.Kernels;
using FlamingoGpu.Profiling;

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

    /// <summary>Nodes that run the same kernel on the same shapes, the slowest first.</summary>
    /// <param name="stage">Graph.</param>
    /// <param name="profile">What was heard, timed on the host.</param>
    /// <param name="runs">Runs of the graph in it.</param>
    public static IEnumerable<OperationTime> Of(string stage, Profile profile, int runs) =>
        profile.By(KernelAndShapes).Select(
        row => new OperationTime(
            stage, row.Name, row.Instances / runs, row.Total / 1e6 / runs, row.Flops / runs, row.Bytes / runs));

    private static string KernelAndShapes(NodeSample sample)
    {
        var inner = sample.Node.Op is MatMul ? $" x {sample.Node.Inputs[1].Shape}" : "";
        return $"{sample.Node.Op.Name} {sample.Variant} {sample.Node.Output.Shape}{inner}";
    }
}
