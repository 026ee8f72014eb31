using FlamingoGpu.Formats.Images;

namespace FlamingoGpu.Fuzz;

public sealed class JpegFuzz
{
    [Fact]
    public void Decode_DamagedFile_OnlyInvalidFileEscapes() => PictureFuzzLoop.Run("jpeg_", new JpegDecoder());
}
