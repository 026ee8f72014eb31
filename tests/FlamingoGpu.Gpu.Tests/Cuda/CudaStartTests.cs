using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cuda;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Gpu.Tests.Cuda;

/// <summary>From the library to an opened card, and what is said when that does not work.</summary>
public class CudaStartTests
{
    [Fact]
    public void Open_Calls_ComeInOrder()
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open())
        {
            string[] order =
            [
                "cuDriverGetVersion", "cuInit 0", "cuDeviceGetCount", "cuDeviceGet 0", "cuDeviceTotalMem 5",
                "cuDevicePrimaryCtxRetain 5", "cuCtxSetCurrent", "cuDeviceGetDefaultMemPool 5",
                $"cuMemPoolSetAttribute {0x99} 4 {ulong.MaxValue}",
            ];
            Assert.Equal(order, fake.Calls.Where(order.Contains));
        }

        Assert.Equal(
            [
                "cuStreamSynchronize legacy", $"cuMemPoolSetAttribute {0x99} 4 77", $"cuMemPoolTrimTo {0x99} 0",
                "cuCtxSetCurrent", "cuDevicePrimaryCtxRelease 5",
            ],
            fake.Calls.TakeLast(5));
        fake.AssertClean();
    }

    [Fact]
    public void Properties_OfTheCard_AreItsAttributes()
    {
        using var fake = new FakeCuda();
        using var driver = fake.Open();
        var expected = new GpuProperties
        {
            Kind = "cuda",
            Name = "Fake H200",
            ComputeMajor = 9,
            ComputeMinor = 0,
            DriverVersion = 13000,
            HasDependentLaunch = true,
            Multiprocessors = 132,
            ThreadsPerMultiprocessor = 2048,
            SharedBytesPerBlock = 232448,
            CacheBytes = 62914560,
            MemoryBytes = 6_000_000,
            ClockKilohertz = 1980000,
            MemoryBytesPerSecond = 4.916736e12, // 2 transfers x 3.201 GHz x 768 bytes
        };
        Assert.Equal(expected, driver.Properties);
    }

    [Theory]
    [InlineData(9, 12030, null, true)]
    [InlineData(12, 13000, "on", true)]
    [InlineData(9, 13000, "off", false)]
    [InlineData(9, 13000, "OFF", false)]
    [InlineData(9, 12020, null, false)] // captures of this driver do not keep them
    [InlineData(8, 13000, null, false)]
    public void HasDependentLaunch_FromCapabilityDriverAndVariable(
        int major, int version, string? variable, bool expected)
    {
        Environment.SetEnvironmentVariable(CudaDriver.DependentLaunchVariable, variable);
        try
        {
            using var fake = new FakeCuda { DriverVersion = version };
            fake.Cards[0] = ("Fake", major, 0);
            using var driver = fake.Open();
            Assert.Equal(expected, driver.Properties.HasDependentLaunch);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CudaDriver.DependentLaunchVariable, null);
        }
    }

    [Fact]
    public void Open_Twice_SharesNothing()
    {
        using var fake = new FakeCuda();
        var api = fake.Start();
        var first = CudaDriver.Open(api, 0, new KernelCache(null));
        first.Dispose();
        using (var second = CudaDriver.Open(api, 0, new KernelCache(null))) second.Free(second.Allocate(16, "test"));
        Assert.Throws<ObjectDisposedException>(() => first.Allocate(16, "test"));
        first.Dispose();
        fake.AssertClean();
        Assert.Equal(2, fake.Count("cuDevicePrimaryCtxRelease"));
    }

    [Fact]
    public void Driver_OnAnotherThread_MakesItsContextCurrentThere()
    {
        using var fake = new FakeCuda();
        using var driver = fake.Open();
        var before = fake.Count("cuCtxSetCurrent");
        driver.Free(driver.Allocate(16, "test"));
        Assert.Equal(before, fake.Count("cuCtxSetCurrent"));
        var thread = new Thread(() =>
        {
            fake.Use();
            driver.Free(driver.Allocate(16, "test"));
        });
        thread.Start();
        thread.Join();
        Assert.Equal(before + 1, fake.Count("cuCtxSetCurrent"));
    }

    [Theory]
    [InlineData(11040, "11.4")]
    [InlineData(11080, "11.8")]
    public void Start_OldDriver_SaysWhichIsNeeded(int version, string text)
    {
        using var fake = new FakeCuda { DriverVersion = version };
        var error = Assert.Throws<DeviceException>(fake.Start);
        Assert.Contains($"has CUDA {text}, and 12.0 is needed", error.Message, StringComparison.Ordinal);
        Assert.Contains("525", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("cuInit 0", fake.Calls);
    }

    [Theory]
    [InlineData("cuGetProcAddress_v2", "too old")]
    [InlineData("cuDriverGetVersion", "stub")]
    [InlineData("cuLaunchKernelEx", "has no cuLaunchKernelEx")]
    public void Start_FunctionIsAbsent_SaysSo(string name, string text)
    {
        using var fake = new FakeCuda();
        fake.Absent.Add(name);
        Assert.Contains(text, Assert.Throws<DeviceException>(fake.Start).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_InitFails_HasCallNameAndWords()
    {
        using var fake = new FakeCuda();
        fake.Failures["cuInit"] = CudaStatus.SystemDriverMismatch;
        var error = Assert.Throws<DeviceException>(fake.Start);
        Assert.StartsWith(
            "cuda: cuInit failed: NAME_OF_803 (803), words about 803.", error.Message, StringComparison.Ordinal);
        Assert.Contains("reboot", error.Message, StringComparison.Ordinal);
        fake.Failures["cuInit"] = CudaStatus.NoDevice;
        error = Assert.Throws<DeviceException>(fake.Start);
        Assert.Contains("CUDA 13.0) sees no GPU", error.Message, StringComparison.Ordinal);
        Assert.Contains("CUDA_VISIBLE_DEVICES", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoSuchCard_SaysWhichThereAre()
    {
        using var fake = new FakeCuda();
        var error = Assert.Throws<DeviceException>(() => CudaDriver.Open(fake.Start(), 1, new KernelCache(null)));
        Assert.Contains(
            "cuda:1: there is no such card; the last of the 1 is cuda:0", error.Message, StringComparison.Ordinal);
        fake.Cards.Clear();
        error = Assert.Throws<DeviceException>(() => fake.Open());
        Assert.Contains("sees no GPU", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OldCard_SaysWhichIsNeededAndOpensNothing()
    {
        using var fake = new FakeCuda();
        fake.Cards[0] = ("Fake T4", 7, 5);
        var error = Assert.Throws<DeviceException>(() => fake.Open());
        Assert.Contains("cuda:0: Fake T4 has compute capability 7.5; 8.0", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, fake.Count("cuDevicePrimaryCtxRetain"));
    }

    [Fact]
    public void Open_FailsHalfWay_GivesTheContextBack()
    {
        using var fake = new FakeCuda();
        fake.Failures["cuDeviceGetDefaultMemPool"] = CudaStatus.InvalidValue;
        Assert.Throws<DeviceException>(() => fake.Open());
        fake.AssertClean();
    }

    [Fact]
    public void Survey_Cards_AreDescribedWithoutAContext()
    {
        using var fake = new FakeCuda();
        fake.Cards.Add(("Fake T4", 7, 5));
        var survey = CudaDevices.Survey(fake.Start);
        Assert.Equal((13000, null), (survey.DriverVersion, survey.Missing));
        Assert.Equal(["Fake H200", "Fake T4"], survey.Cards.Select(card => card.Name));
        var first = survey.Cards[0];
        Assert.Equal((0, 9, 0, 6_000_000L), (first.Ordinal, first.ComputeMajor, first.ComputeMinor, first.MemoryBytes));
        Assert.Equal(("0000:1b:00.0", null), (first.BusId, first.Missing));
        Assert.Contains("7.5", survey.Cards[1].Missing, StringComparison.Ordinal);
        Assert.Equal(0, fake.Count("cuDevicePrimaryCtxRetain"));
    }

    [Fact]
    public void Survey_NothingThere_SaysWhy()
    {
        using var fake = new FakeCuda { DriverVersion = 11040 };
        var survey = CudaDevices.Survey(fake.Start);
        Assert.Empty(survey.Cards);
        Assert.Contains("too old", survey.Missing, StringComparison.Ordinal);
        survey = CudaDevices.Survey(() => throw CudaErrors.NoDriver("libcuda.so.1"));
        Assert.Contains("libcuda.so.1 is not on this machine", survey.Missing, StringComparison.Ordinal);
        fake.DriverVersion = 12020;
        fake.Cards.Clear();
        survey = CudaDevices.Survey(fake.Start);
        Assert.Contains("CUDA 12.2) sees no GPU", survey.Missing, StringComparison.Ordinal);
    }
}
