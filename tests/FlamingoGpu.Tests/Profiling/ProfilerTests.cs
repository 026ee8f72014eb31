using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Profiling;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Tests.Profiling;

public class ProfilerTests
{
    [Fact]
    public void Profiler_OnTheCpu_TimesEveryNode()
    {
        using var compute = ComputeDevice.Open("cpu");
        var profile = Run(compute, runs: 2);
        Assert.Equal(ProfileUnit.HostNanoseconds, profile.Unit);
        Assert.Equal(4, profile.Samples.Count);
        Assert.All(profile.Samples, sample => Assert.True(sample.Measured.Amount > 0));
        Assert.Equal(profile.Samples.Select(sample => sample.Measured.Start).Order(),
            profile.Samples.Select(sample => sample.Measured.Start));
    }

    [Fact]
    public void Profiler_OnTheVirtualGpu_Counts()
    {
        using var compute = ComputeDevice.Open("virtual");
        var profile = Run(compute, runs: 2);
        Assert.True(profile.IsCounted);
        Assert.Null(profile.Kernels[0].ShareOfRoof);
        Assert.All(profile.Samples, sample =>
            Assert.True(sample.Measured is { Amount: > 0, Sectors: > 0, RequestedBytes: > 0 }));
        Assert.Equal(profile.Samples[0].Measured.Amount, profile.Samples[2].Measured.Amount); // the same node again
    }

    [Fact]
    public void Profiler_OnAGpu_ReadsEventsAroundEachNode()
    {
        using var device = new GpuDevice(new ClockDriver());
        using var profiler = Profiler.On(device);
        var node = SampleProfile.Of(ProfileUnit.DeviceNanoseconds, 1).Samples[0].Node;
        for (var i = 0; i < 5000; i++) // more than one batch of events
        {
            profiler.NodeStarting(node, new Nothing());
            profiler.NodeCompleted(node, new Nothing());
        }

        var profile = profiler.Finish();
        Assert.Equal(ProfileUnit.DeviceNanoseconds, profile.Unit);
        Assert.Equal(5000, profile.Samples.Count);
        // one tick of the clock below
        Assert.All(profile.Samples, sample => Assert.Equal(1e6, sample.Measured.Amount, 1e-3));
        Assert.Equal(new Roof(2e12, 132 * 1e9 * 256, 132 * 1e9 * 4096), profile.Roof);
    }

    [Fact]
    public void Roof_OfAnUnknownGpu_IsNull()
    {
        using var driver = new ClockDriver();
        Assert.Null(Roof.Of(driver.Properties with { ComputeMajor = 12 }));
        Assert.Null(Roof.Of(driver.Properties with { ClockKilohertz = 0 }));
    }

    private static Profile Run(ComputeDevice compute, int runs)
    {
        var g = new GraphBuilder();
        var x = g.Input("x", TensorType.F32([4, 64]));
        g.Output("y", g.Apply(new Activate(Activation.Silu), g.Apply(new Activate(Activation.Relu), x)));
        var graph = g.Build();
        using var arena = new Arena(compute.Device, graph.ArenaBytes);
        using var executor = new GraphExecutor(graph, compute.Kernels, arena);
        using var profiler = Profiler.On(compute.Device);
        executor.Listener = profiler;
        executor.Write<float>("x", new float[4 * 64]);
        for (var run = 0; run < runs; run++) executor.Run();
        return profiler.Finish();
    }

    private sealed class Nothing : BoundKernel
    {
        public override string Variant => "nothing";

        public override void Run()
        {
        }
    }
}
