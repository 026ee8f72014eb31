using FlamingoGpu.Gpu.Tests.Emission.Samples;

namespace FlamingoGpu.Gpu.Tests.Emission;

public sealed class GoldenTests
{
    public static TheoryData<string> Names => [.. SampleKernels.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Define_SampleKernel_EqualsCommittedText(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Emission", "Golden", name + ".ptx");
        var text = SampleKernels.All[name]().Text;
        if (Environment.GetEnvironmentVariable("FLAMINGO_WRITE_GOLDEN") is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(folder, name + ".ptx"), text);
        else
            Assert.Equal(File.ReadAllText(path), text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Define_OnAnotherThread_GivesTheSameBytes(string name)
    {
        var here = SampleKernels.All[name]();
        var there = await Task.Run(SampleKernels.All[name]);
        Assert.Equal(here.Text, there.Text);
        Assert.Equal(here.RegisterEstimate, there.RegisterEstimate);
    }
}
