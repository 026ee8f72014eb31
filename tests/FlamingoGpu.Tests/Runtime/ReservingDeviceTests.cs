using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Tests.Runtime;

public sealed class ReservingDeviceTests
{
    private readonly NullDevice _behind = new();

    [Fact]
    public void Allocate_BeforeCommit_TakesNothingAndHasNoAddress()
    {
        using var device = new ReservingDevice(_behind);
        using var block = device.Allocate(640, "cache");
        var place = new DevicePlace(block, 64);

        Assert.Equal((640, "cache"), (block.ByteLength, block.Purpose));
        Assert.Empty(_behind.BytesByPurpose);
        var error = Assert.Throws<InvalidOperationException>(() => place.Address);
        Assert.StartsWith("cache", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Commit_Reserved_AllocatesEachOnce()
    {
        using var device = new ReservingDevice(_behind);
        using var first = device.Allocate(640, "cache");
        device.Commit();
        using var second = device.Allocate(8, "state");
        device.Commit();

        Assert.Equal(new Dictionary<string, long> { ["cache"] = 640, ["state"] = 8 }, _behind.BytesByPurpose);
        Assert.Equal(64, new DevicePlace(first, 64).Address);
    }

    [Fact]
    public void Dispose_Block_FreesWhatIsBehindItAndNothingBeforeCommit()
    {
        using var behind = new CpuDevice(threads: 1);
        using var device = new ReservingDevice(behind);
        device.Allocate(64, "never").Dispose();
        using var block = device.Allocate(640, "cache");
        device.Commit();
        var allocated = behind.LiveBytes;

        block.Dispose();

        Assert.Equal((640L, 0L), (allocated, behind.LiveBytes));
    }
}
