using System.Buffers.Binary;
using System.Text;

namespace FlamingoGpu.Tests.Formats;

/// <summary>Writes pickle opcodes one by one.</summary>
internal sealed class TestPickle
{
    private readonly List<byte> _bytes = [0x80, 2];

    public int Position => _bytes.Count;

    /// <summary>A state dict of f32 tensors, each with a storage of its own named after its position.</summary>
    public static byte[] StateDict(params (string Name, long[] Size, long[] Strides, long Count)[] tensors)
    {
        var pickle = new TestPickle().Op('}').Op('(');
        for (var i = 0; i < tensors.Length; i++)
        {
            var (name, size, strides, count) = tensors[i];
            pickle.Text(name).Tensor($"{i}", count, 0, size, strides);
        }
        return pickle.Op('u').Stop();
    }

    public TestPickle Op(char opcode) => Raw((byte)opcode);

    public TestPickle Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public TestPickle Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Raw((byte)'X').Raw(BitConverter.GetBytes(utf8.Length));
        return Raw(utf8);
    }

    public TestPickle Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8A, 8).Raw(bytes);
    }

    public TestPickle Global(string module, string name) => Raw(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    public TestPickle Tuple(params long[] values)
    {
        Op('(');
        foreach (var value in values) Long(value);
        return Op('t');
    }

    public TestPickle Storage(string key, long count, string type = "FloatStorage") =>
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Long(count).Op('t').Op('Q');

    public TestPickle Tensor(
        string key, long count, long offset, long[] size, long[] strides, string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(key, count, type).Long(offset)
            .Tuple(size).Tuple(strides).Raw(0x89).Op('}').Op('t').Op('R');

    public byte[] Stop() => [.. _bytes, (byte)'.'];

    /// <summary>An archive around a pickle, with f32 storages of the given element counts.</summary>
    public static byte[] Archive(byte[] pickle, params int[] storages) =>
        Zip(pickle, deflate: false, storages).Build();

    public static TestZip Zip(byte[] pickle, bool deflate, params int[] storages)
    {
        var zip = new TestZip().Add("archive/data.pkl", pickle, deflate);
        for (var i = 0; i < storages.Length; i++) zip.Add($"archive/data/{i}", Floats(storages[i]), deflate);
        return zip;
    }

    /// <summary>0, 1, 2, ... as f32.</summary>
    public static byte[] Floats(int count)
    {
        var bytes = new byte[count * 4];
        for (var i = 0; i < count; i++) BitConverter.TryWriteBytes(bytes.AsSpan(i * 4), (float)i);
        return bytes;
    }
}
