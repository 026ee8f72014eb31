using FlamingoGpu.Models;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Golden;

/// <summary>The golden OpenFlamingo models with a context of 512, and pictures of their size.</summary>
internal static class SmallModel
{
    /// <summary>Loads one from its folder.</summary>
    public static FlamingoModel Load(string folder) => OpenFlamingoLoader.Load(
        new ModelFiles
        {
            Vision = Path.Combine(folder, "vision"),
            Language = Path.Combine(folder, "lm"),
            Checkpoint = Path.Combine(folder, "checkpoint.safetensors"),
        },
        new LoadOptions { Tokens = new SpecialTokens(258, 257, 259, -1), Set = [("lm.context", "512")] });

    /// <summary>Random pixels; the same seed gives the same.</summary>
    public static MediaPixels Picture(ulong seed)
    {
        var random = new SplitMix64(seed);
        return new MediaPixels([.. Enumerable.Range(0, 3 * 32 * 32).Select(_ => (float)(2 * random.NextUnit() - 1))]);
    }
}
