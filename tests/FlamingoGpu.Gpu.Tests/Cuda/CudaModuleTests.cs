using System.Buffers.Binary;
using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cuda;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Gpu.Tests.Cuda;

/// <summary>From a text to a launch: assembling, caching, functions, the bytes of a launch.</summary>
public sealed class CudaModuleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flamingo").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_Text_IsAssembledForTheContextWithAVerboseLog()
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open())
        {
            using var module = driver.Load(".version 7.0 // ü");
            Assert.Equal("ptxas info : Used 32 registers", module.Log);
            Assert.Equal(
                [
                    "cuLinkCreate 3,4,5,6,8,12", "cuLinkAddData 1 True True", "cuLinkComplete", "cuLinkDestroy",
                    "cuModuleLoadDataEx",
                ],
                fake.Calls.TakeLast(5));
        }

        fake.AssertClean();
    }

    [Theory]
    [InlineData("cuLinkAddData", 218)]
    [InlineData("cuLinkComplete", 222)]
    public void Load_RefusedText_CarriesTheAssemblersErrors(string call, int status)
    {
        using var fake = new FakeCuda { AssemblerErrors = "line 7: unexpected 'wgmma'" };
        using (var driver = fake.Open(new KernelCache(_folder)))
        {
            fake.Failures[call] = (CudaStatus)status;
            var error = Assert.Throws<DeviceException>(() => driver.Load("text"));
            Assert.Contains($"{call} failed: NAME_OF_{status}", error.Message, StringComparison.Ordinal);
            Assert.Contains("The assembler says: line 7: unexpected 'wgmma'", error.Message, StringComparison.Ordinal);
        }

        fake.AssertClean();
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Load_Again_ComesFromTheCacheWithItsLog()
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open(new KernelCache(_folder)))
        {
            driver.Load("text").Dispose();
            driver.Load("other text").Dispose();
            Assert.Equal(2, fake.Count("cuLinkCreate"));
            using var again = driver.Load("text");
            Assert.Equal((2, 3), (fake.Count("cuLinkCreate"), fake.Count("cuModuleLoadDataEx")));
            Assert.Equal("ptxas info : Used 32 registers", again.Log);
        }

        fake.AssertClean();
    }

    [Fact]
    public void Load_OtherDriverOrCard_IsAssembledAnew()
    {
        using var fake = new FakeCuda();
        foreach (var (version, minor) in new[] { (13000, 0), (12080, 0), (13000, 1) })
        {
            fake.DriverVersion = version;
            fake.Cards[0] = ("Fake", 9, minor);
            using var driver = fake.Open(new KernelCache(_folder));
            driver.Load("text").Dispose();
        }

        Assert.Equal(3, fake.Count("cuLinkCreate"));
        Assert.Equal(3, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void Load_CachedFileIsDamaged_AssemblesAndReplacesIt()
    {
        using var fake = new FakeCuda();
        using (var driver = fake.Open(new KernelCache(_folder)))
        {
            driver.Load("text").Dispose();
            var file = Directory.GetFiles(_folder).Single();
            File.WriteAllBytes(file, File.ReadAllBytes(file)[1..]);
            driver.Load("text").Dispose();
            Assert.Equal(2, fake.Count("cuLinkCreate"));
            driver.Load("text").Dispose();
            Assert.Equal(2, fake.Count("cuLinkCreate"));
        }

        fake.AssertClean();
    }

    [Fact]
    public void Load_CachedImageIsRefused_AssemblesAndReplacesIt()
    {
        using var fake = new FakeCuda { RefusedImage = "stale" };
        var cache = new KernelCache(_folder);
        var key = KernelCache.Key("text", 13000, 9, 0, CudaAssembler.Options);
        cache.Write(key, new Cubin("stale"u8.ToArray(), ""));
        using (var driver = fake.Open(cache)) driver.Load("text").Dispose();
        Assert.Equal(1, fake.Count("cuLinkCreate"));
        Assert.Equal("cubin of text"u8.ToArray(), cache.TryRead(key)!.Image);
        fake.AssertClean();
    }

    [Fact]
    public void Load_ImageIsRefusedAfterAssembling_SaysWhatTheLoaderSays()
    {
        using var fake = new FakeCuda { RefusedImage = "cubin", AssemblerErrors = "too much constant data" };
        using var driver = fake.Open(new KernelCache(_folder));
        var error = Assert.Throws<DeviceException>(() => driver.Load("text"));
        Assert.Contains("The loader says: too much constant data", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Function_Figures_AreTheAssembledCodes()
    {
        using var fake = new FakeCuda();
        using var driver = fake.Open();
        using var module = driver.Load("text");
        var function = module.Function("kernel");
        Assert.Contains("cuModuleGetFunction kernel", fake.Calls);
        Assert.Same(function, module.Function("kernel"));
        Assert.Equal("kernel", function.Name);
        Assert.Equal(
            (168, 24, 1024), (function.RegistersPerThread, function.LocalBytesPerThread, function.StaticSharedBytes));
        function.AllowDynamicShared(231424); // with the declared 1024 bytes exactly what a block can have
        Assert.Equal($"cuFuncSetAttribute {0x77} 8 231424", fake.Calls[^1]);
        var error = Assert.Throws<DeviceException>(() => function.AllowDynamicShared(231425));
        Assert.Contains(
            "kernel needs 232,449 bytes of shared memory a block, the device has 232,448", error.Message,
            StringComparison.Ordinal);
        Assert.Equal(3, function.BlocksPerMultiprocessor(256, 4096));
        Assert.Equal($"cuOccupancyMaxActiveBlocksPerMultiprocessor {0x77} 256 4096", fake.Calls[^1]);
        fake.Failures["cuModuleGetFunction"] = CudaStatus.NotFound;
        error = Assert.Throws<DeviceException>(() => module.Function("none"));
        Assert.Contains("no kernel 'none'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_ShapeAndParameters_ArriveByteForByte()
    {
        using var fake = new FakeCuda();
        using var driver = fake.Open();
        using var stream = driver.CreateStream();
        using var module = driver.Load("text");
        var function = module.Function("kernel");
        stream.Launch(function, new GpuLaunchShape(11, 12, 13, 14, 15, 16, 17), [1, 2, 3, 4, 5, 6, 7, 8, 9]);

        var config = fake.LaunchConfig;
        Assert.Equal(
            [11, 12, 13, 14, 15, 16, 17],
            Enumerable.Range(0, 7).Select(word => BinaryPrimitives.ReadInt32LittleEndian(config.AsSpan(4 * word))));
        var handle = fake.Live.Single(item => item.Value == "stream").Key;
        Assert.Equal(handle, (nint)BinaryPrimitives.ReadInt64LittleEndian(config.AsSpan(32)));
        Assert.Equal(new byte[16], config[40..]); // no attributes
        Assert.Equal(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, fake.Parameters);
        Assert.Equal($"cuLaunchKernelEx {0x77} no list block", fake.Calls[^1]);

        stream.Launch(function, new GpuLaunchShape(1, 1, 1, 1, 1, 1, 0), []);
        Assert.Equal($"cuLaunchKernelEx {0x77} no list no block", fake.Calls[^1]);
    }

    [Fact]
    public void Launch_ThatStartsEarly_SaysSoInOneAttribute()
    {
        using var fake = new FakeCuda();
        using var driver = fake.Open();
        using var stream = driver.CreateStream();
        using var module = driver.Load("text");
        stream.Launch(module.Function("kernel"), new GpuLaunchShape(1, 1, 1, 32, 1, 1, 0, StartsEarly: true), []);
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(fake.LaunchConfig.AsSpan(48)));
        Assert.Equal(72, fake.LaunchAttributes.Length);
        Assert.Equal(6, BinaryPrimitives.ReadInt32LittleEndian(fake.LaunchAttributes)); // programmatic serialization
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(fake.LaunchAttributes.AsSpan(8)));
    }

    [Fact]
    public void Launch_Repeated_AllocatesNothing()
    {
        using var fake = new FakeCuda();
        using var driver = fake.Open();
        using var module = driver.Load("text");
        using var stream = driver.CreateStream();
        var function = module.Function("kernel");
        var shape = new GpuLaunchShape(1, 1, 1, 32, 1, 1, 0);
        byte[] parameters = new byte[64];
        stream.Launch(function, shape, parameters);
        fake.IsSilent = true; // only the binding's own allocations are counted
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) stream.Launch(function, shape, parameters);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Launch_Refused_NamesKernelAndShape()
    {
        using var fake = new FakeCuda();
        using var driver = fake.Open();
        using var stream = driver.CreateStream();
        using var module = driver.Load("text");
        fake.Failures["cuLaunchKernelEx"] = CudaStatus.LaunchOutOfResources;
        var function = module.Function("attention");
        var error = Assert.Throws<DeviceException>(
            () => stream.Launch(function, new GpuLaunchShape(7, 1, 1, 1024, 1, 1, 4096), []));
        Assert.Contains("NAME_OF_701", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Kernel attention, grid 7x1x1, block 1024x1x1, 4,096 bytes of dynamic shared memory, 168 registers",
            error.Message, StringComparison.Ordinal);
    }
}
