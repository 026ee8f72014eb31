using FlamingoGpu.Core;
using FlamingoGpu.Formats.Images;

namespace FlamingoGpu.Models.Preprocessing;

/// <summary>
/// Turns a decoded picture into the vision encoder's input, bit for bit as the Python reference does (Pillow 9.4,
/// torchvision 0.14). Holds no state besides its settings; safe from several threads.
/// </summary>
public sealed class ImagePreprocessor
{
    private readonly PreprocessingConfig _config;

    /// <summary>Makes a preprocessor.</summary>
    /// <param name="config">Size, normalisation and which reference to follow.</param>
    /// <exception cref="InvalidRequestException">A size below 1, or not three means and deviations.</exception>
    public ImagePreprocessor(PreprocessingConfig config)
    {
        if (config.ImageHeight < 1 || config.ImageWidth < 1)
        {
            throw new InvalidRequestException(
                $"image size {config.ImageHeight} x {config.ImageWidth} (height x width); each must be at least 1.");
        }

        if (config.Mean.Length != 3 || config.Std.Length != 3)
        {
            throw new InvalidRequestException(
                $"image mean and std have {config.Mean.Length} and {config.Std.Length} values; each takes three.");
        }

        _config = config;
    }

    /// <summary>Floats that <see cref="Process(Picture)"/> gives: 3 × height × width.</summary>
    public int OutputLength => 3 * _config.ImageHeight * _config.ImageWidth;

    /// <summary>Prepares a picture.</summary>
    /// <param name="picture">As decoded, in its own mode.</param>
    /// <returns>[3, height, width], normalised.</returns>
    /// <exception cref="InvalidRequestException">The picture's sides differ too much to be resized.</exception>
    public float[] Process(Picture picture)
    {
        var output = new float[OutputLength];
        Process(picture, output);
        return output;
    }

    /// <summary>Prepares a picture into memory of the caller.</summary>
    /// <param name="picture">As decoded, in its own mode.</param>
    /// <param name="output">[3, height, width]; exactly <see cref="OutputLength"/> long, written whole.</param>
    /// <exception cref="InvalidRequestException">The picture's sides differ too much to be resized.</exception>
    public void Process(Picture picture, Span<float> output) => Normalize(ToInputSize(picture), output);

    /// <summary>The stage before normalisation: resized, cropped and converted.</summary>
    /// <param name="picture">As decoded, in its own mode.</param>
    /// <returns>A picture of mode RGB and the encoder's input size.</returns>
    /// <exception cref="InvalidRequestException">The picture's sides differ too much to be resized.</exception>
    public Picture ToInputSize(Picture picture)
    {
        if (_config.Kind == PreprocessingKind.Idefics)
        {
            return PillowResize.Bicubic(picture.OverWhite(), _config.ImageWidth, _config.ImageHeight);
        }

        if (_config.ImageHeight != _config.ImageWidth)
        {
            return PillowResize.Bicubic(picture, _config.ImageWidth, _config.ImageHeight).ToRgb();
        }

        var size = _config.ImageWidth;
        var (width, height) = (size, size);
        if (picture.Width <= picture.Height) height = LongSide(size, picture.Height, picture.Width);
        else width = LongSide(size, picture.Width, picture.Height);

        // The long side is never below the size, so the crop needs no padding.
        var window = new ResizeWindow(CropOffset(width, size), CropOffset(height, size), size, size);
        return PillowResize.Bicubic(picture, width, height, window).ToRgb();
    }

    /// <summary>Scales bytes to 0…1, subtracts the mean and divides by the deviation, each step rounded to float.</summary>
    /// <param name="picture">Mode RGB and the encoder's input size.</param>
    /// <param name="output">[3, height, width].</param>
    /// <exception cref="ArgumentException">Sizes or mode do not fit.</exception>
    public void Normalize(Picture picture, Span<float> output)
    {
        if (picture.Mode != PictureMode.Rgb || picture.Width != _config.ImageWidth
            || picture.Height != _config.ImageHeight || output.Length != OutputLength)
        {
            throw new ArgumentException(
                $"expected an RGB picture of {_config.ImageWidth} x {_config.ImageHeight} and {OutputLength} floats, got "
                + $"{picture.Mode.PillowName()}, {picture.Width} x {picture.Height} and {output.Length}.",
                nameof(picture));
        }

        // There are only 256 inputs per channel; the table keeps each step's rounding and saves the divisions.
        Span<float> table = stackalloc float[256];
        var plane = output.Length / 3;
        for (var channel = 0; channel < 3; channel++)
        {
            for (var level = 0; level < 256; level++)
            {
                table[level] = (level / 255f - _config.Mean[channel]) / _config.Std[channel];
            }

            var target = output.Slice(channel * plane, plane);
            for (int i = 0, from = channel; i < target.Length; i++, from += 3) target[i] = table[picture.Pixels[from]];
        }
    }

    /// <summary>torchvision's arithmetic: the product exact, one division in double, truncated.</summary>
    private static int LongSide(int size, int longSide, int shortSide)
    {
        var resized = Math.Truncate((double)((long)size * longSide) / shortSide);
        if (resized <= int.MaxValue) return (int)resized;
        throw new InvalidRequestException(
            $"the picture's sides, {longSide} and {shortSide} pixels, differ too much: scaling the shorter one to {size} "
            + $"makes the longer one {resized}. Crop the picture.");
    }

    /// <summary>Half of the surplus; Python rounds halves to even.</summary>
    private static int CropOffset(int length, int size) =>
        (int)Math.Round((length - size) / 2.0, MidpointRounding.ToEven);
}
