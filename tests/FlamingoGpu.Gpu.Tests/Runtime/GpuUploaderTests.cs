using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Gpu.Tests.Runtime;

/// <summary>Uploads through the ring: every byte, in few copies, with no slot reused before it was fetched.</summary>
public unsafe class GpuUploaderTests
{
    [Theory]
    [InlineData(2, 256, 10_000)]
    [InlineData(3, 512, 512)]
    [InlineData(4, 1 << 20, 0)]
    [InlineData(4, 1 << 20, (9 << 20) + 77)] // wraps around twice, ragged end
    [InlineData(2, 3 << 20, (13 << 20) + 1)] // slots filled by several threads
    public void Upload_AnyLength_ArrivesWhole(int slots, int slotBytes, int length)
    {
        var source = Bytes(length, seed: 1);
        var target = new byte[length];
        using var driver = new LateDriver();
        fixed (byte* destination = target)
        {
            using (var uploader = new GpuUploader(driver, driver, slots, slotBytes))
                uploader.Upload(source, (nint)destination);
            Assert.Equal(source, target);
        }

        Assert.Equal((length + slotBytes - 1) / slotBytes, driver.Copies.Count());
        Assert.True(driver.PinnedBytes <= Math.Min((long)slots * slotBytes, length + slotBytes));
        Assert.Equal((0, 0), (driver.LivePinned, driver.LiveEvents));
    }

    [Fact]
    public void Upload_ManySmallPieces_ShareASlotAndWaitForNothing()
    {
        using var driver = new LateDriver();
        var target = new byte[100];
        fixed (byte* destination = target)
        {
            using var uploader = new GpuUploader(driver, driver, slots: 2, slotBytes: 100 * 256);
            for (var i = 0; i < 100; i++)
            {
                Span<byte> piece = [(byte)(i + 1)];
                uploader.Upload(piece, (nint)(destination + i));
                piece[0] = 0; // the caller's again
            }

            Assert.Equal((0, 100 * 256), (driver.Waits, driver.PinnedBytes));
            driver.Synchronize();
            Assert.Equal(Enumerable.Range(1, 100).Select(i => (byte)i), target);
        }
    }

    [Fact]
    public void Upload_Mixed_EqualsTheSources()
    {
        var random = new Random(5);
        using var driver = new LateDriver();
        var target = new byte[1 << 20];
        var source = Bytes(target.Length, seed: 2);
        fixed (byte* destination = target, bytes = source)
        {
            using var uploader = new GpuUploader(driver, driver, slots: 3, slotBytes: 4096);
            for (var done = 0; done < source.Length;)
            {
                var length = Math.Min(random.Next(random.Next(3) == 0 ? 20_000 : 300), source.Length - done);
                uploader.Upload((nint)(bytes + done), length, (nint)(destination + done));
                done += length;
            }

            driver.Synchronize();
            Assert.Equal(source, target);
            Assert.Equal(3 * 4096, driver.PinnedBytes);
        }
    }

    [Fact]
    public void Upload_LongerThanTheRing_WaitsOncePerReusedSlot()
    {
        using var driver = new LateDriver();
        var target = new byte[6 * 256];
        fixed (byte* destination = target)
        {
            using var uploader = new GpuUploader(driver, driver, slots: 4, slotBytes: 256);
            uploader.Upload(Bytes(4 * 256, seed: 3), (nint)destination);
            Assert.Equal(0, driver.Waits); // the ring is full, nothing had to be fetched yet
            uploader.Upload(Bytes(2 * 256, seed: 4), (nint)destination);
            Assert.Equal(2, driver.Waits);
        }
    }

    [Fact]
    public void Dispose_DeviceIsLost_GivesTheRingBack()
    {
        using var driver = new LateDriver();
        var uploader = new GpuUploader(driver, driver, slots: 2, slotBytes: 256);
        uploader.Dispose();
        var target = new byte[1];
        fixed (byte* destination = target) uploader.Upload([1], (nint)destination);
        driver.IsBroken = true;
        uploader.Dispose();
        uploader.Dispose();
        Assert.Equal((0, 0), (driver.LivePinned, driver.LiveEvents));
    }

    [Theory]
    [InlineData(1, 256)]
    [InlineData(2, 0)]
    [InlineData(2, 300)]
    public void Uploader_RingThatCannotBe_Throws(int slots, int slotBytes)
    {
        using var driver = new LateDriver();
        Assert.Throws<ArgumentOutOfRangeException>(() => new GpuUploader(driver, driver, slots, slotBytes));
    }

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
