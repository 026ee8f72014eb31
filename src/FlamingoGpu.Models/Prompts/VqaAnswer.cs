namespace FlamingoGpu.Models.Prompts;

/// <summary>What OpenFlamingo's evaluation makes of a generated answer before it is scored.</summary>
public static class VqaAnswer
{
    private static readonly string[] NextPrompt = ["Question", "Answer", "Short"];

    /// <summary>
    /// Cuts where the model starts another demonstration, then at the first comma that a space follows.
    /// </summary>
    /// <param name="generated">The generated text, without special tokens.</param>
    public static string Clean(string generated) => generated.Split(NextPrompt, 2, default)[0].Split(", ", 2)[0];
}
