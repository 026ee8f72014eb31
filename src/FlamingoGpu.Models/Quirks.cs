using FlamingoGpu.Core;

namespace FlamingoGpu.Models;

/// <summary>The named quirks of the OpenFlamingo family that are model options.</summary>
public static class Quirks
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Quirk> All { get; } =
    [
        new("openclip-post-norm", "vision.post_norm", "true",
            "open_clip 2.23 and later apply ln_post to the patch tokens."),
        new("openclip-erf-gelu", "vision.activation", "gelu_erf",
            "open_clip 2.29 and later run OpenAI's tower with erf GELU."),
    ];

    /// <summary>The quirk of that name.</summary>
    /// <exception cref="InvalidRequestException">There is none; lists all names.</exception>
    public static Quirk Find(string name) => All.FirstOrDefault(quirk => quirk.Name == name)
        ?? throw new InvalidRequestException(
            $"no quirk '{name}'; known are {string.Join(", ", All.Select(quirk => quirk.Name))}.");
}
