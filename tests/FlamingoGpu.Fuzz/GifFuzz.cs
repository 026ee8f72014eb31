using FlamingoGpu.Formats.Images;

namespace FlamingoGpu.Fuzz;

public sealed class GifFuzz
{
    [Fact]
    public void Decode_DamagedFile_OnlyInvalidFileEscapes() => PictureFuzzLoop.Run("gif_", new GifDecoder());
}
