using System.Reflection;
using System.Runtime.InteropServices;
using FlamingoGpu.Runtime.Cuda;

namespace FlamingoGpu.Gpu.Tests.Cuda;

/// <summary>NVML: what it tells, and that nothing depends on it.</summary>
public unsafe class CudaClocksTests
{
    [Fact]
    public void TryRead_Card_GivesItsFigures() =>
        Assert.Equal(
            new CudaClocks(412.5, 1980, 3201, 41, "580.159.04"), CudaClocks.TryRead("0000:1b:00.0", Export([])));

    [Fact]
    public void TryRead_AbsentFunctions_GivesTheRest()
    {
        Assert.Equal(
            new CudaClocks(null, 1980, 3201, null),
            CudaClocks.TryRead(
                "0000:1b:00.0",
                Export(["nvmlDeviceGetPowerUsage", "nvmlDeviceGetTemperature", "nvmlSystemGetDriverVersion"])));
        Assert.Equal(
            new CudaClocks(412.5, null, null, 41, "580.159.04"),
            CudaClocks.TryRead("0000:1b:00.0", Export(["nvmlDeviceGetClockInfo"])));
    }

    [Theory]
    [InlineData("nvmlInit_v2")]
    [InlineData("nvmlDeviceGetHandleByPciBusId_v2")]
    public void TryRead_NoNvml_IsNull(string absent) =>
        Assert.Null(CudaClocks.TryRead("0000:1b:00.0", Export([absent])));

    [Fact]
    public void ToString_MissingFigures_AreLeftOut()
    {
        Assert.Equal(
            "driver 580.159.04, multiprocessors at 1980 MHz, memory at 3201 MHz, 412 W, 41 °C",
            new CudaClocks(412.4, 1980, 3201, 41, "580.159.04").ToString());
        Assert.Equal("multiprocessors at 1980 MHz", new CudaClocks(null, 1980, null, null).ToString());
    }

    [Fact]
    public void TryRead_UnknownCard_IsNull() => Assert.Null(CudaClocks.TryRead("0000:ff:00.0", Export([])));

    private static Func<string, nint> Export(string[] absent) => name =>
        absent.Contains(name)
            ? 0
            : typeof(CudaClocksTests).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!
                .MethodHandle.GetFunctionPointer();

    [UnmanagedCallersOnly]
    private static int nvmlInit_v2() => 0;

    [UnmanagedCallersOnly]
    private static int nvmlSystemGetDriverVersion(byte* text, uint bytes)
    {
        "580.159.04\0"u8.CopyTo(new Span<byte>(text, (int)bytes));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int nvmlDeviceGetHandleByPciBusId_v2(byte* busId, nint* device)
    {
        *device = 7;
        return Marshal.PtrToStringUTF8((nint)busId) == "0000:1b:00.0" ? 0 : 6; // NVML_ERROR_NOT_FOUND
    }

    [UnmanagedCallersOnly]
    private static int nvmlDeviceGetPowerUsage(nint device, uint* milliwatts)
    {
        *milliwatts = 412_500;
        return device == 7 ? 0 : 2;
    }

    [UnmanagedCallersOnly]
    private static int nvmlDeviceGetClockInfo(nint device, int clock, uint* megahertz)
    {
        *megahertz = clock switch { 1 => 1980u, 2 => 3201u, _ => 0u };
        return device == 7 ? 0 : 2;
    }

    [UnmanagedCallersOnly]
    private static int nvmlDeviceGetTemperature(nint device, int sensor, uint* celsius)
    {
        *celsius = 41;
        return device == 7 && sensor == 0 ? 0 : 2;
    }
}
