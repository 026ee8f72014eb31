using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Conformance.Cpu;

public sealed class CpuDeviceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4099)]
    [InlineData((1 << 20) + 3)]
    [InlineData((5 << 20) + 1)]
    public void Allocate_AnySize_IsZeroedAlignedAndCounted(int byteLength)
    {
        using var device = new CpuDevice(1);
        var memory = device.Allocate(byteLength, "test");
        Assert.Equal(0, memory.Address % 64);
        Assert.Equal(byteLength, memory.ByteLength);
        Assert.Equal(byteLength, device.LiveBytes);
        var bytes = new byte[byteLength];
        bytes.AsSpan().Fill(7);
        device.Download(memory.Address, bytes);
        Assert.Equal(-1, bytes.AsSpan().IndexOfAnyExcept((byte)0));
        memory.Dispose();
        memory.Dispose();
        Assert.Equal(0, device.LiveBytes);
    }

    [Theory]
    [InlineData(1L << 50)]
    [InlineData(long.MaxValue)]
    public void Allocate_MoreThanThereIs_NamesPurposeAndFigures(long byteLength)
    {
        using var device = new CpuDevice(1);
        var error = Assert.Throws<DeviceException>(() => device.Allocate(byteLength, "kv cache"));
        Assert.Contains("kv cache", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{byteLength:N0}", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, device.LiveBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Constructor_NoThreads_Throws(int threads) =>
        Assert.Throws<InvalidRequestException>(() => new CpuDevice(threads));

    [Fact]
    public void Copies_RoundTrip_KeepTheBytes()
    {
        using var device = new CpuDevice();
        using var first = device.Allocate(100, "first");
        using var second = device.Allocate(100, "second");
        var bytes = MemoryMarshal.AsBytes(Enumerable.Range(0, 25).ToArray().AsSpan()).ToArray();
        device.Upload(bytes, first.Address);
        device.Copy(first.Address, second.Address, 100);
        var back = new byte[100];
        device.Download(second.Address, back);
        Assert.Equal(bytes, back);
        Assert.Equal(first.Address, device.MakeResident(first.Address, 100));
        Assert.InRange(device.AvailableBytes, 1, long.MaxValue);
        Assert.Contains("thread", device.Description, StringComparison.Ordinal);
    }
}
