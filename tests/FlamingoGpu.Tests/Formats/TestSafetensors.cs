using System.Buffers.Binary;
using System.Text;

namespace FlamingoGpu.Tests.Formats;

/// <summary>Puts safetensors bytes together without any check.</summary>
internal static class TestSafetensors
{
    public static byte[] File(string header, int dataBytes = 0) => File(Encoding.UTF8.GetBytes(header), dataBytes);

    public static byte[] File(byte[] header, int dataBytes = 0) => File((ulong)header.Length, header, dataBytes);

    public static byte[] File(ulong claimedLength, byte[] header, int dataBytes)
    {
        var bytes = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimedLength);
        header.CopyTo(bytes, 8);
        for (var i = 0; i < dataBytes; i++) bytes[8 + header.Length + i] = (byte)i;
        return bytes;
    }

    public static string Tensor(string name, string dtype, string shape, long begin, long end) =>
        $$""" "{{name}}": {"dtype": "{{dtype}}", "shape": {{shape}}, "data_offsets": [{{begin}}, {{end}}]} """.Trim();
}
