namespace FlamingoGpu.Models.Tiny;

/// <summary>A question about a <see cref="Scene"/> and its one right answer.</summary>
public sealed record SceneQuestion(string Question, string Answer);
