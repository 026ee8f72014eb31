using System.Buffers.Binary;
using System.Text;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Fuzz;

public sealed class SafetensorsFuzz
{
    private static readonly string[] Headers =
    [
        """
        {"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
         "b":{"dtype":"F4","shape":[16],"data_offsets":[24,32]}}
        """,
        """
        {"__metadata__":{"format":"pt","\u00e9":"\ud83e\udda9"},
         "s":{"dtype":"BF16","shape":[],"data_offsets":[30,32]},
         "t":{"dtype":"I64","shape":[3,1],"data_offsets":[0,24]},
         "u":{"dtype":"U8","shape":[6],"data_offsets":[24,30]},
         "z":{"dtype":"F64","shape":[0,9],"data_offsets":[32,32]}}
        """,
    ];

    [Fact]
    public void Open_DamagedFile_OnlyInvalidFileEscapes()
    {
        byte[][] seeds = [.. Headers.Select(WithData), SeedFiles.Read("torch", "state-dict.pt.expected.safetensors")];
        var target = FuzzTarget.ForFile("safetensors", seeds, path =>
        {
            using var file = SafetensorsFile.Open(path);
            TensorReads.All(file);
        });
        Assert.True(target.Run() > 0);
    }

    [Fact]
    public void Open_DamagedIndex_OnlyInvalidFileEscapes()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"flamingo-fuzz-index-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "s1"), WithData(Headers[0]));
            File.WriteAllBytes(Path.Combine(folder, "s2"), WithData(Headers[1]));
            var index = Path.Combine(folder, "model.safetensors.index.json");
            var seed = """
                {"metadata":{"total_size":64},"weight_map":{"a":"s1","b":"s1","s":"s2","t":"s2","u":"s2","z":"s2"}}
                """u8;
            var target = new FuzzTarget("safetensors-index", [seed.ToArray()], bytes =>
            {
                File.WriteAllBytes(index, bytes);
                using var source = TensorSources.Open(index);
                TensorReads.All(source);
            });
            Assert.True(target.Run() > 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] WithData(string header)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + 32];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        return file;
    }
}
