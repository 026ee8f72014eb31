namespace FlamingoGpu;

/// <summary>What the length penalty of beam search counts; without effect at a penalty of 0.</summary>
public enum BeamLength
{
    /// <summary>Prompt and generated tokens, a final stop token not counted (transformers 4.35, which OpenFlamingo uses).</summary>
    WholeSequence,

    /// <summary>Generated tokens, a final stop token counted (transformers 4.42).</summary>
    Generated,
}
