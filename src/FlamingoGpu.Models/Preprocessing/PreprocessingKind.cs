namespace FlamingoGpu.Models.Preprocessing;

/// <summary>Which reference a picture is prepared like.</summary>
public enum PreprocessingKind
{
    /// <summary>
    /// open_clip's <c>image_transform</c> for inference: shorter side to the size, centre crop, then RGB with alpha
    /// dropped. With unequal height and width: resized to exactly that size.
    /// </summary>
    OpenClip,

    /// <summary>transformers' <c>IdeficsImageProcessor</c>: composited over white, then squashed to the size.</summary>
    Idefics,
}
