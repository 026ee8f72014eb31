using FlamingoGpu.Formats.Images;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Tests.Formats.Images;

public sealed class PngEncoderTests
{
    private static readonly PictureMode[] Modes =
        [PictureMode.L, PictureMode.LA, PictureMode.Rgb, PictureMode.Rgba];

    [Fact]
    public void Encode_AnyPicture_DecodesToTheSame()
    {
        var pictures =
            from mode in Gen.Elements(Modes)
            from width in Gen.Choose(1, 40)
            from height in Gen.Choose(1, 40)
            from seed in Gen.Choose(0, int.MaxValue)
            select RandomPicture(mode, width, height, seed);
        Prop.ForAll(Arb.From(pictures), picture =>
        {
            var back = new PngDecoder().Decode(PngEncoder.Encode(picture), "round trip", ImageLimits.Default);
            return back.Mode == picture.Mode && back.Width == picture.Width && back.Height == picture.Height
                && back.Pixels.AsSpan().SequenceEqual(picture.Pixels);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Encode_Twice_GivesTheSameBytes()
    {
        var picture = RandomPicture(PictureMode.Rgb, 31, 17, 5);
        Assert.Equal(PngEncoder.Encode(picture), PngEncoder.Encode(picture));
    }

    [Fact]
    public void Encode_PaletteMode_AsksForConversion()
    {
        var picture = RandomPicture(PictureMode.P, 3, 3, 1);
        var error = Assert.Throws<ArgumentException>(() => PngEncoder.Encode(picture));
        Assert.Contains("not P; convert first", error.Message, StringComparison.Ordinal);
    }

    private static Picture RandomPicture(PictureMode mode, int width, int height, int seed)
    {
        var pixels = new byte[width * height * mode.BytesPerPixel()];
        new System.Random(seed).NextBytes(pixels);
        return new Picture(mode, width, height, pixels);
    }
}
