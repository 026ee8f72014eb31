using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Launches;

/// <summary>The emitter's kernels on the virtual GPU: right within derived bounds, clean and repeatable.</summary>
public class SampleLaunchTests
{
    public static TheoryData<string> Names => [.. SampleCases.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_SampleKernel_EqualsThePlainResultUnderEverySchedule(string name)
    {
        var outcome = SampleCases.Named(name).Run(new VirtualDeviceOptions { SeedCount = 4 });
        Assert.True(outcome.IsRight, outcome.ToString());
    }
}
