namespace FlamingoGpu.Models.Prompts;

/// <summary>What OpenFlamingo's evaluation makes of a generated caption before it is scored.</summary>
public static class CaptionAnswer
{
    /// <summary>Cuts where the model starts another demonstration, and drops quotation marks.</summary>
    /// <param name="generated">The generated text, without special tokens.</param>
    public static string Clean(string generated) =>
        generated.Split("Output", 2)[0].Replace("\"", "", StringComparison.Ordinal);
}
