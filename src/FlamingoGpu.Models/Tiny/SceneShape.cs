namespace FlamingoGpu.Models.Tiny;

/// <summary>One figure of a <see cref="Scene"/>, in the words of <see cref="CaptionGrammar"/>.</summary>
/// <param name="Size">One of <see cref="CaptionGrammar.Sizes"/>.</param>
/// <param name="Color">One of <see cref="CaptionGrammar.Colors"/>.</param>
/// <param name="Name">One of <see cref="CaptionGrammar.Shapes"/>.</param>
/// <param name="Place">One of <see cref="CaptionGrammar.Places"/>; no two figures of a scene share one.</param>
public sealed record SceneShape(string Size, string Color, string Name, string Place);
