using System.IO.Compression;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Fuzz;

public sealed class TorchArchiveFuzz
{
    private const int StorageCount = 24;
    private const int StorageBytes = 256;

    private static readonly string[] Names =
        ["protocol2.pt", "protocol4.pt", "state-dict.pt", "training-protocol5.pt", "module-prefix.bin", "scripted.pt"];

    [Fact]
    public void Open_DamagedArchive_OnlyInvalidFileEscapes()
    {
        byte[][] seeds =
            [.. Names.Select(name => SeedFiles.Read("torch", name)), Repacked(SeedFiles.Read("torch", "protocol5.pt"))];
        Assert.True(FuzzTarget.ForFile("torch-archive", seeds, Open).Run() > 0);
    }

    /// <summary>
    /// The checksum would catch most damage to the pickle, so here each damaged one is packed anew, beside storages
    /// that are large enough for all seeds. The archive claims to be TorchScript, which knows the most words.
    /// </summary>
    [Fact]
    public void Open_DamagedPickleInSoundArchive_OnlyInvalidFileEscapes()
    {
        string[] names = ["protocol4.pt", "training-protocol2.pt", "scripted.pt"];
        var path = Path.Combine(Path.GetTempPath(), $"flamingo-fuzz-pickle-{Guid.NewGuid():N}");
        byte[][] seeds = [.. names.Select(name => PickleOf(SeedFiles.Read("torch", name)))];
        var target = new FuzzTarget("torch-pickle", seeds, pickle =>
        {
            try
            {
                WriteArchive(path, pickle);
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

    private static void Open(string path)
    {
        using var archive = TorchArchive.Open(path);
        TensorReads.All(archive);
    }

    private static byte[] PickleOf(byte[] archive)
    {
        using var zip = new ZipArchive(new MemoryStream(archive));
        using var stream = zip.Entries.Single(entry => entry.Name == "data.pkl").Open();
        var pickle = new MemoryStream();
        stream.CopyTo(pickle);
        return pickle.ToArray();
    }

    private static void WriteArchive(string path, byte[] pickle)
    {
        using var target = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        Write("archive/data.pkl", pickle);
        Write("archive/constants.pkl", []);
        for (var i = 0; i < StorageCount; i++) Write($"archive/data/{i}", new byte[StorageBytes]);

        void Write(string name, byte[] bytes)
        {
            using var output = target.CreateEntry(name, CompressionLevel.NoCompression).Open();
            output.Write(bytes);
        }
    }

    /// <summary>The same members, compressed.</summary>
    private static byte[] Repacked(byte[] archive)
    {
        var result = new MemoryStream();
        using (var source = new ZipArchive(new MemoryStream(archive)))
        using (var target = new ZipArchive(result, ZipArchiveMode.Create))
        {
            foreach (var entry in source.Entries)
            {
                using var input = entry.Open();
                using var output = target.CreateEntry(entry.FullName, CompressionLevel.Optimal).Open();
                input.CopyTo(output);
            }
        }
        return result.ToArray();
    }
}
