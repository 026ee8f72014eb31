namespace FlamingoGpu.Models.Preprocessing;

/// <summary>How pictures become the vision encoder's input. The defaults are those of OpenAI's CLIP at 224 × 224.</summary>
public sealed record PreprocessingConfig
{
    /// <summary>Rows of the encoder's input.</summary>
    public int ImageHeight { get; init; } = 224;

    /// <summary>Columns of the encoder's input.</summary>
    public int ImageWidth { get; init; } = 224;

    /// <summary>Mean of red, green and blue on the scale 0…1, subtracted first.</summary>
    public float[] Mean { get; init; } = [0.48145466f, 0.4578275f, 0.40821073f];

    /// <summary>Standard deviation of red, green and blue on the scale 0…1; the difference is divided by it.</summary>
    public float[] Std { get; init; } = [0.26862954f, 0.26130258f, 0.27577711f];

    /// <summary>Which reference to follow.</summary>
    public PreprocessingKind Kind { get; init; } = PreprocessingKind.OpenClip;
}
