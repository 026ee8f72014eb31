namespace FlamingoGpu.Models.Tiny;

/// <summary>A picture that can be drawn and talked about: one to three figures on a plain ground.</summary>
/// <param name="Shapes">The figures, the most important one first.</param>
/// <param name="Background">One of <see cref="CaptionGrammar.Backgrounds"/>; no figure has its color.</param>
public sealed record Scene(IReadOnlyList<SceneShape> Shapes, string Background);
