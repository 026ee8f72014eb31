using FlamingoGpu.Models;

namespace FlamingoGpu.Bench;

/// <summary>A prompt of random ids with random pictures, as a user's request reaches the engine.</summary>
internal static class RandomRequest
{
    /// <summary>Makes a prompt.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="tokens">Its length.</param>
    /// <param name="images">Pictures, evenly spread from the first token on.</param>
    public static SequenceInput Make(FlamingoConfig config, int tokens, int images)
    {
        var random = new SplitMix64(3);
        var ids = new int[tokens];
        foreach (ref var id in ids.AsSpan()) id = random.Next(config.Language.Vocabulary);
        var positions = Enumerable.Range(0, images).Select(i => i * (tokens / images)).ToArray();
        foreach (var position in positions) ids[position] = config.Tokens.Image;
        return new SequenceInput(ids, positions, [.. positions.Select(_ => Picture(config.Vision, random))]);
    }

    private static MediaPixels Picture(VisionConfig vision, SplitMix64 random)
    {
        var pixels = new float[3 * vision.ImageHeight * vision.ImageWidth];
        foreach (ref var value in pixels.AsSpan()) value = (float)(4 * random.NextUnit() - 2);
        return new MediaPixels(pixels);
    }
}
