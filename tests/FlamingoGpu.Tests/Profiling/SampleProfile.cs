using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Profiling;

namespace FlamingoGpu.Tests.Profiling;

/// <summary>Profiles with known numbers.</summary>
internal static class SampleProfile
{
    /// <summary>1000 bytes a nanosecond; 10⁴ and 10⁵ operations a nanosecond.</summary>
    public static readonly Roof Roof = new(1e12, 1e13, 1e14);

    /// <summary>Two matrix products of 8 × 64 × 64 and one activation of 8 × 64 elements, back to back.</summary>
    public static Profile Of(ProfileUnit unit, params double[] amounts)
    {
        var g = new GraphBuilder();
        var x = g.Input("x", TensorType.F32([8, 64]));
        var w = g.Input("w", TensorType.F32([64, 64]));
        using (g.Scope("lm0.attn")) x = g.Apply(new MatMul(default), x, w);
        using (g.Scope("lm0.ff")) x = g.Apply(new MatMul(default), x, w);
        using (g.Scope("head")) x = g.Apply(new Activate(Activation.Silu), x);
        g.Output("y", x);
        var graph = g.Build();
        var samples = new List<NodeSample>();
        double at = 0;
        for (var i = 0; i < amounts.Length; i++)
        {
            var node = graph.Nodes[i % 3];
            samples.Add(new NodeSample(
                node, i % 3 == 2 ? "rows" : "gemm", i % 3 == 0, new Measurement(at, amounts[i], 640, 20)));
            at += amounts[i];
        }

        return new Profile("test <device>", unit, Roof, samples);
    }
}
