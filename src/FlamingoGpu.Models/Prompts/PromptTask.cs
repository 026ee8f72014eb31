namespace FlamingoGpu.Models.Prompts;

/// <summary>What a prompt asks for; it decides the template and how an answer is cleaned.</summary>
public enum PromptTask
{
    /// <summary>Goes on from the prompt as it is.</summary>
    Generate,

    /// <summary>A caption of the last image.</summary>
    Caption,

    /// <summary>The answer to a question about the last image.</summary>
    Vqa,
}
