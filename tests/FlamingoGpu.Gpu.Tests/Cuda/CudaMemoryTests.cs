using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cuda;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Gpu.Tests.Cuda;

/// <summary>Memory, streams, events, graphs: which calls come, with which arguments, and that nothing is left.</summary>
public unsafe class CudaMemoryTests
{
    [Fact]
    public void Allocate_CardWithPools_IsOrderedWithTheLegacyStream()
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open())
        {
            driver.Free(driver.Allocate(1000, "test"));
            driver.Free(driver.Allocate(0, "nothing"));
            Assert.Equal(
                ["cuMemAllocAsync 1000 0", "cuMemFreeAsync 0", "cuMemAllocAsync 1 0", "cuMemFreeAsync 0"],
                fake.Calls.TakeLast(4));
            Assert.Equal(new GpuMemoryState(5_002_000, 6_000_000), driver.Memory);
        }

        fake.AssertClean();
    }

    [Fact]
    public void Allocate_CardWithoutPools_IsPlain()
    {
        using var fake = new FakeCuda { HasPools = false };
        using (var driver = fake.Open())
        {
            driver.Free(driver.Allocate(1000, "test"));
            Assert.Equal(["cuMemAlloc 1000", "cuMemFree"], fake.Calls.TakeLast(2));
            Assert.Equal(new GpuMemoryState(5_000_000, 6_000_000), driver.Memory);
        }

        fake.AssertClean();
        Assert.DoesNotContain(fake.Calls, call => call.Contains("Pool", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Allocate_TooMuch_StatesNeededAndFreeBytes(bool hasPools)
    {
        using var fake = new FakeCuda { HasPools = hasPools, PoolReserved = 0, PoolUsed = 0 };
        using var driver = fake.Open();
        fake.Failures["cuMemAllocAsync"] = fake.Failures["cuMemAlloc"] = CudaStatus.OutOfMemory;
        var error = Assert.Throws<DeviceException>(() => driver.Allocate(7_000_000, "kv cache"));
        Assert.Contains(
            "kv cache needs 7,000,000 bytes, 5,000,000 of 6,000,000 are free on Fake H200", error.Message,
            StringComparison.Ordinal);
        fake.Failures["cuMemHostAlloc"] = CudaStatus.OutOfMemory;
        error = Assert.Throws<DeviceException>(() => driver.AllocatePinned(123_456));
        Assert.Contains("123,456 bytes of pinned host memory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_Copies_GoTheRightWay()
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open())
        {
            var stream = driver.CreateStream();
            var host = driver.AllocatePinned(16);
            var (first, second) = (driver.Allocate(16, "first"), driver.Allocate(16, "second"));
            new Span<byte>((void*)host, 16).Fill(3);
            stream.Fill(first, 9, 16);
            stream.Upload(host, first, 8);
            stream.Copy(first, second, 16);
            stream.Download(second, host, 16);
            stream.Upload(host, first, 0);
            stream.Synchronize();
            Assert.Equal([3, 3, 3, 3, 3, 3, 3, 3, 9, 9, 9, 9, 9, 9, 9, 9], new Span<byte>((void*)host, 16).ToArray());
            Assert.Equal(
                [
                    "cuMemsetD8Async 9 16", "cuMemcpyHtoDAsync 8", "cuMemcpyDtoDAsync 16", "cuMemcpyDtoHAsync 16",
                    "cuStreamSynchronize own",
                ],
                fake.Calls.TakeLast(5));
            Assert.False(driver.TryMapHost(host, 16, "weights", out _));
            driver.Free(first);
            driver.Free(second);
            driver.FreePinned(host);
            stream.Dispose();
            stream.Dispose();
        }

        Assert.Contains("cuStreamCreate 0", fake.Calls); // in order with the legacy stream
        Assert.Contains("cuMemHostAlloc 16 0", fake.Calls);
        fake.AssertClean();
    }

    [Fact]
    public void Events_TimedAndNot_AreMadeAndAsked()
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open())
        {
            using var stream = driver.CreateStream();
            using var start = driver.CreateEvent(timed: true);
            using var end = driver.CreateEvent(timed: true);
            using var plain = driver.CreateEvent(timed: false);
            Assert.Equal(["cuEventCreate 0", "cuEventCreate 0", "cuEventCreate 2"], fake.Calls.TakeLast(3));
            stream.Record(start);
            stream.Record(end);
            stream.Wait(plain);
            end.Synchronize();
            Assert.Equal(1.5f, end.MillisecondsSince(start));
            fake.EventsDone = false;
            Assert.False(end.IsDone);
            fake.EventsDone = true;
            Assert.True(end.IsDone);
            fake.Failures["cuEventQuery"] = CudaStatus.LaunchFailed;
            Assert.Throws<DeviceException>(() => end.IsDone);
        }

        fake.AssertClean();
    }

    [Fact]
    public void Capture_AndReplay_IsThreadLocalInstantiatedUploaded()
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open())
        {
            using var stream = driver.CreateStream();
            using var module = driver.Load(".version 7.0");
            var memory = driver.Allocate(16, "test");
            var before = fake.Calls.Count;
            stream.BeginCapture();
            stream.Fill(memory, 0, 16);
            stream.Launch(module.Function("k"), new GpuLaunchShape(1, 1, 1, 32, 1, 1, 0), [1, 2, 3, 4]);
            using (var graph = stream.EndCapture())
            {
                Assert.Equal(2, graph.NodeCount);
                stream.Launch(graph);
                stream.Launch(graph);
            }

            Assert.Equal(
                [
                    "cuStreamBeginCapture 1", "cuStreamEndCapture", "cuGraphGetNodes", "cuGraphInstantiateWithFlags 0",
                    "cuGraphUpload", "cuGraphDestroy", "cuGraphLaunch", "cuGraphLaunch", "cuGraphExecDestroy",
                ],
                fake.Calls.Skip(before).Where(call => call[2] is 'S' or 'G')); // streams and graphs
            driver.Free(memory);
        }

        fake.AssertClean();
    }

    [Fact]
    public void Allocate_WhileCapturing_SaysWhatToDo()
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open())
        {
            using var stream = driver.CreateStream();
            stream.BeginCapture();
            var error = Assert.Throws<DeviceException>(() => driver.Allocate(16, "late"));
            Assert.Contains("run the work once before", error.Message, StringComparison.Ordinal);
            error = Assert.Throws<DeviceException>(stream.Synchronize);
            Assert.Contains("run the work once before", error.Message, StringComparison.Ordinal);
            stream.EndCapture().Dispose();
        }

        fake.AssertClean();
    }

    [Fact]
    public void GpuDevice_OverTheDriver_LeavesNothing()
    {
        using var fake = new FakeCuda();
        using (var device = new GpuDevice(fake.Open()))
        {
            var weight = new byte[1000];
            new Random(1).NextBytes(weight);
            var read = new byte[1000];
            fixed (byte* host = weight)
            {
                var resident = device.MakeResident((nint)host, weight.Length);
                Assert.Equal(resident, device.MakeResident((nint)host, weight.Length));
                using var block = device.Allocate(weight.Length, "activations");
                device.Copy(resident, block.Address, weight.Length);
                device.Download(block.Address, read);
                Assert.Equal(weight, read);
                var function = device.Load("kernel", ".version 7.0");
                var shape = new GpuLaunchShape(1, 1, 1, 32, 1, 1, 0);
                using var replay = device.Record(() => device.Stream.Launch(function, shape, [1]));
                replay.Run();
                replay.Run();
                Assert.Equal(2, fake.Count("cuGraphLaunch"));
            }
        }

        fake.AssertClean();
    }

    [Theory]
    [InlineData("cuGraphGetNodes")]
    [InlineData("cuGraphInstantiateWithFlags")]
    [InlineData("cuGraphUpload")]
    [InlineData("cuStreamEndCapture")]
    public void EndCapture_Fails_LeavesNothing(string call)
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open())
        {
            using var stream = driver.CreateStream();
            stream.BeginCapture();
            fake.Failures[call] = CudaStatus.StreamCaptureInvalidated;
            var error = Assert.Throws<DeviceException>(stream.EndCapture);
            Assert.Contains($"{call} failed", error.Message, StringComparison.Ordinal);
            Assert.Contains("while a graph is captured", error.Message, StringComparison.Ordinal);
        }

        fake.AssertClean();
    }

    [Fact]
    public void Synchronize_KernelFailed_SaysThatTheDeviceIsLost()
    {
        using var fake = new FakeCuda();
        var driver = fake.Open();
        var stream = driver.CreateStream();
        fake.Failures["cuStreamSynchronize"] = CudaStatus.IllegalAddress;
        var error = Assert.Throws<DeviceException>(stream.Synchronize);
        Assert.Contains("cuStreamSynchronize failed: NAME_OF_700 (700)", error.Message, StringComparison.Ordinal);
        Assert.Contains("dispose it and open it again", error.Message, StringComparison.Ordinal);
        fake.Failures["cuStreamDestroy"] = fake.Failures["cuMemPoolTrimTo"] = CudaStatus.IllegalAddress;
        stream.Dispose();
        driver.Dispose();
        fake.AssertClean();
    }

    [Fact]
    public void GpuDevice_RecordingFails_TellsTheFirstError()
    {
        using var fake = new FakeCuda();
        using (var device = new GpuDevice(fake.Open()))
        {
            fake.Failures["cuStreamEndCapture"] = CudaStatus.StreamCaptureInvalidated;
            var error = Assert.Throws<DeviceException>(() => device.Record(() => _ = device.Scratch));
            Assert.Contains("cuMemAllocAsync failed", error.Message, StringComparison.Ordinal);
        }

        fake.AssertClean();
    }

    [Fact]
    public void GpuDevice_KernelFailed_CanBeDisposed()
    {
        using var fake = new FakeCuda();
        var device = new GpuDevice(fake.Open());
        var weight = new byte[64];
        fixed (byte* host = weight) device.MakeResident((nint)host, weight.Length);
        device.Download(device.Scratch, weight);
        var block = device.Allocate(16, "activations");
        device.Load("kernel", ".version 7.0");
        string[] failing = ["cuStreamSynchronize", "cuMemFreeAsync", "cuMemFreeHost", "cuModuleUnload", "cuStreamDestroy"];
        foreach (var name in failing) fake.Failures[name] = CudaStatus.IllegalAddress;
        Assert.Throws<DeviceException>(device.Synchronize);
        block.Dispose();
        device.Dispose();
        fake.AssertClean();
    }

    [Fact]
    public void Dispose_AfterTheDriver_DoesNothing()
    {
        using var fake = new FakeCuda();
        var driver = fake.Open();
        var stream = driver.CreateStream();
        var mark = driver.CreateEvent(timed: false);
        driver.Dispose();
        var calls = fake.Calls.Count;
        stream.Dispose();
        mark.Dispose();
        driver.Dispose();
        Assert.Equal(calls, fake.Calls.Count);
    }
}
