using FlamingoGpu.Runtime.Cuda;

namespace FlamingoGpu.Gpu.Tests.Cuda;

/// <summary>The cache of assembled kernels: whole or absent, bounded, and safe among processes.</summary>
public sealed class KernelCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flamingo").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var cache = new KernelCache(Path.Combine(_folder, "made", "when needed"));
        Assert.Null(cache.TryRead("a"));
        cache.Write("a", new Cubin([1, 2, 3], "log ü"));
        cache.Write("empty", new Cubin([], ""));
        var read = cache.TryRead("a")!;
        Assert.Equal(new byte[] { 1, 2, 3 }, read.Image);
        Assert.Equal("log ü", read.Log);
        Assert.Empty(cache.TryRead("empty")!.Image);
        Assert.Equal(2, cache.Size().Files);
        var file = File.ReadAllBytes(FileOf(cache.Folder!, "a"));
        Assert.Equal(new byte[] { 1, 2, 3 }, file[..3]); // the ELF comes first, for disassemblers
    }

    [Fact]
    public void Read_AnyDamagedByte_IsNothing()
    {
        var cache = new KernelCache(_folder);
        cache.Write("a", new Cubin([1, 2, 3], "log"));
        var path = Directory.GetFiles(_folder).Single();
        var whole = File.ReadAllBytes(path);
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= 0x40;
            File.WriteAllBytes(path, damaged);
            Assert.Null(cache.TryRead("a"));
            File.WriteAllBytes(path, whole[..i]);
            Assert.Null(cache.TryRead("a"));
        }

        cache.Write("a", new Cubin([4], ""));
        Assert.Equal(new byte[] { 4 }, cache.TryRead("a")!.Image);
    }

    [Fact]
    public void Write_BeyondTheLimit_RemovesTheOldest()
    {
        var cache = new KernelCache(_folder, limitBytes: 3 * 1100);
        for (var i = 0; i < 5; i++)
        {
            cache.Write($"k{i}", new Cubin(new byte[1000], ""));
            File.SetLastWriteTimeUtc(FileOf(_folder, $"k{i}"), new DateTime(2020, 1, 1 + i, 0, 0, 0, DateTimeKind.Utc));
        }

        File.WriteAllText(Path.Combine(_folder, "somebody else's"), new string('x', 10_000));
        cache.Write("k5", new Cubin(new byte[1000], ""));
        Assert.Equal(
            [false, false, false, true, true, true],
            Enumerable.Range(0, 6).Select(i => cache.TryRead($"k{i}") is not null));
        Assert.True(File.Exists(Path.Combine(_folder, "somebody else's")));
        Assert.InRange(cache.Size().Bytes, 3000, 3300);
    }

    [Fact]
    public void ReadAndWrite_ManyAtOnce_SeeWholeEntriesOnly()
    {
        var damaged = 0;
        Parallel.For(0, 200, i =>
        {
            var cache = new KernelCache(_folder); // as another process would
            var image = new byte[20_000];
            Array.Fill(image, (byte)i);
            cache.Write("shared", new Cubin(image, $"{i % 256}"));
            var read = cache.TryRead("shared");
            if (read is null || read.Image.Any(value => $"{value}" != read.Log)) Interlocked.Increment(ref damaged);
        });
        Assert.Equal(0, damaged);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Cache_WithoutAFolderOrWhereNoneCanBe_KeepsNothing()
    {
        var off = new KernelCache(null);
        off.Write("a", new Cubin([1], ""));
        Assert.Null(off.TryRead("a"));
        Assert.Equal((0, 0), off.Size());
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var blocked = new KernelCache(Path.Combine(file, "below"));
        blocked.Write("a", new Cubin([1], ""));
        Assert.Null(blocked.TryRead("a"));
    }

    [Fact]
    public void Key_EveryPart_Counts()
    {
        string[] keys =
        [
            KernelCache.Key("text", 13000, 9, 0, "o"), KernelCache.Key("texts", 13000, 9, 0, "o"),
            KernelCache.Key("text", 12080, 9, 0, "o"), KernelCache.Key("text", 13000, 8, 0, "o"),
            KernelCache.Key("text", 13000, 9, 1, "o"), KernelCache.Key("text", 13000, 9, 0, "p"),
        ];
        Assert.Distinct(keys);
        Assert.Equal(keys[0], KernelCache.Key("text", 13000, 9, 0, "o"));
    }

    [Theory]
    [InlineData("FLAMINGO_KERNEL_CACHE=/x/y", "/x/y")]
    [InlineData("FLAMINGO_KERNEL_CACHE=off", null)]
    [InlineData("FLAMINGO_KERNEL_CACHE=/x;XDG_CACHE_HOME=/c", "/x")]
    [InlineData("XDG_CACHE_HOME=/c;HOME=/h", "/c/flamingo-gpu/kernels")]
    [InlineData("HOME=/h", "/h/.cache/flamingo-gpu/kernels")]
    [InlineData("", null)]
    public void OfUser_Environment_DecidesTheFolder(string environment, string? expected)
    {
        if (OperatingSystem.IsWindows()) environment = environment.Replace("XDG_CACHE_HOME", "LOCALAPPDATA");
        var variables = environment.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(item => item.Split('=')).ToDictionary(item => item[0], item => item[1]);
        var cache = KernelCache.OfUser(name => variables.GetValueOrDefault(name));
        Assert.Equal(expected, cache.Folder?.Replace('\\', '/'));
    }

    private static string FileOf(string folder, string key) => Directory.GetFiles(folder, $"{key}.*").Single();
}
