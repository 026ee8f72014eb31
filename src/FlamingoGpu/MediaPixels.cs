using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace FlamingoGpu;

/// <summary>
/// One medium ready for the vision encoder: the normalised pixels of an image, or of the frames of a clip. Immutable;
/// two media with the same content share their latents.
/// </summary>
public sealed class MediaPixels
{
    /// <summary>Wraps pixels without copying; do not change them afterwards.</summary>
    /// <param name="pixels">[frames, 3, height, width], normalised as the model's preprocessing says.</param>
    /// <param name="frames">1 for an image.</param>
    public MediaPixels(float[] pixels, int frames = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        Pixels = pixels;
        Frames = frames;
        ContentHash = Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(pixels.AsSpan()))) + $"x{frames}";
    }

    /// <summary>[frames, 3, height, width].</summary>
    public ReadOnlyMemory<float> Pixels { get; }

    /// <summary>Frames, 1 for an image.</summary>
    public int Frames { get; }

    /// <summary>SHA-256 of the pixels, and the frame count.</summary>
    public string ContentHash { get; }
}
