using System.IO.Compression;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Fuzz;

public sealed class TorchArchiveFuzz
{
    private static readonly string[] Names =
        ["protocol2.pt", "protocol4.pt", "state-dict.pt", "training-protocol5.pt", "module-prefix.bin", "scripted.pt"];

    [Fact]
    public void Open_DamagedArchive_OnlyInvalidFileEscapes()
    {
        byte[][] seeds = [.. Names.Select(name => SeedFiles.Read("torch", name)), Repacked("protocol5.pt")];
        Assert.True(FuzzTarget.ForFile("torch-archive", seeds, Open).Run() > 0);
    }

    /// <summary>The checksum would catch most damage to the pickle, so here the damaged one is packed anew.</summary>
    [Fact]
    public void Open_DamagedPickleInSoundArchive_OnlyInvalidFileEscapes()
    {
        foreach (var name in (string[])["protocol4.pt", "training-protocol2.pt", "scripted.pt"])
        {
            var original = SeedFiles.Read("torch", name);
            var path = Path.Combine(Path.GetTempPath(), $"flamingo-fuzz-pickle-{Guid.NewGuid():N}");
            var target = new FuzzTarget("torch-pickle", [PickleOf(original)], pickle =>
            {
                try
                {
                    WriteArchive(path, original, pickle);
                    Open(path);
                }
                finally
                {
                    File.Delete(path);
                }
            })
            {
                // Packing is this test's own work and allocates a few hundred KiB.
                AllocationLimit = inputBytes => (4 << 20) + (256L * inputBytes),
            };
            Assert.True(target.Run() > 0);
        }
    }

    private static void Open(string path)
    {
        using var archive = TorchArchive.Open(path);
        TensorReads.All(archive);
    }

    private static byte[] Repacked(string name)
    {
        var original = SeedFiles.Read("torch", name);
        var path = Path.Combine(Path.GetTempPath(), $"flamingo-fuzz-repack-{Guid.NewGuid():N}");
        WriteArchive(path, original, PickleOf(original), CompressionLevel.Optimal);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    private static byte[] PickleOf(byte[] archive)
    {
        using var zip = new ZipArchive(new MemoryStream(archive));
        using var stream = zip.Entries.Single(entry => entry.Name == "data.pkl").Open();
        var pickle = new MemoryStream();
        stream.CopyTo(pickle);
        return pickle.ToArray();
    }

    private static void WriteArchive(
        string path, byte[] original, byte[] pickle, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var source = new ZipArchive(new MemoryStream(original));
        using var target = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var entry in source.Entries)
        {
            using var output = target.CreateEntry(entry.FullName, level).Open();
            if (entry.Name == "data.pkl")
            {
                output.Write(pickle);
                continue;
            }
            using var input = entry.Open();
            input.CopyTo(output);
        }
    }
}
