using FlamingoGpu.Core;
using FlamingoGpu.Gpu.Tests.VirtualGpu;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Gpu.Tests.Runtime;

/// <summary>Kernels that other threads load.</summary>
public sealed class KernelLoadTests : IDisposable
{
    private static readonly string Text = PtxText.Kernel("u64 out", "ret;");

    private readonly LoadingDriver _driver = new();
    private readonly GpuDevice _device;

    public KernelLoadTests() => _device = new GpuDevice(_driver);

    public void Dispose() => _device.Dispose();

    [Fact]
    public void BeginLoad_DriverThatLoadsConcurrently_ReturnsBeforeTheTextIsLoaded()
    {
        if (Environment.ProcessorCount == 1) return; // loads at once there
        var load = _device.BeginLoad("test", Text, 0);
        Assert.Equal(0, _driver.LiveModules);
        _driver.Gate.Set();

        Assert.Equal("test", load.Function.Name);
        Assert.Same(load.Function, load.Function);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, _driver.Threads);
    }

    [Fact]
    public void BeginLoad_SameName_LoadsOnce()
    {
        _driver.Gate.Set();
        var load = _device.BeginLoad("test", Text, 0);
        Assert.Same(load, _device.BeginLoad("test", Text, 0));
        Assert.Same(load.Function, _device.Load("test", Text));
        Assert.Equal(1, _driver.LiveModules);
    }

    [Fact]
    public void Function_RefusedText_ThrowsEveryTimeAndDisposeStillWorks()
    {
        _driver.Fails = true;
        _driver.Gate.Set();
        if (Environment.ProcessorCount == 1)
        {
            Assert.Throws<DeviceException>(() => _device.BeginLoad("test", Text, 0));
            return;
        }

        var load = _device.BeginLoad("test", Text, 0);
        Assert.Equal("refused", Assert.Throws<DeviceException>(() => load.Function).Message);
        Assert.Throws<DeviceException>(() => load.Function);
    }

    [Fact]
    public void Record_LoadsUnderWay_AreAwaitedFirst()
    {
        var opened = new Thread(() =>
        {
            Thread.Yield();
            _driver.Gate.Set();
        });
        if (Environment.ProcessorCount == 1) _driver.Gate.Set();
        _device.BeginLoad("test", Text, 0);
        opened.Start();
        using var replay = _device.Record(() => { });
        opened.Join();
        Assert.Equal(0, _driver.LoadingAtCapture);
        Assert.Equal(1, _driver.LiveModules);
    }

    [Fact]
    public void Dispose_LoadedKernels_UnloadsThem()
    {
        using var driver = new LoadingDriver();
        driver.Gate.Set();
        using (var device = new GpuDevice(driver))
        {
            device.BeginLoad("test", Text, 0);
            var other = Text.Replace("entry test", "entry test2", StringComparison.Ordinal);
            _ = device.BeginLoad("test2", other, 0).Function;
            Assert.InRange(driver.LiveModules, 1, 2);
        }

        Assert.Equal(0, driver.LiveModules);
    }
}
