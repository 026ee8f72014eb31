using FlamingoGpu.Formats.Images;
using FlamingoGpu.Models.Preprocessing;
using FlamingoGpu.Tests.Formats.Images;

namespace FlamingoGpu.Tests.Models.Preprocessing;

/// <summary>The pictures that ship in weights/pictures decode and prepare.</summary>
public sealed class DemoPictureTests
{
    [Theory]
    [InlineData("flamingo.jpg", 320, 240)]
    [InlineData("shapes.png", 240, 160)]
    public void Process_ShippedPicture_GivesFiniteInput(string name, int width, int height)
    {
        var file = Path.Combine(PictureFiles.Golden, "..", "..", "weights", "pictures", name);
        var picture = ImageDecoders.Decode(File.ReadAllBytes(file), file);
        Assert.Equal((width, height, PictureMode.Rgb), (picture.Width, picture.Height, picture.Mode));
        var input = new ImagePreprocessor(new PreprocessingConfig()).Process(picture);
        Assert.All(input, value => Assert.InRange(value, -2f, 3f));
        Assert.True(input.Distinct().Count() > 100);
    }
}
