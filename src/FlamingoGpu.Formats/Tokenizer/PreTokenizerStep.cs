namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>One step that cuts text into the pieces which byte pair encoding never joins; steps run in order.</summary>
public abstract record PreTokenizerStep
{
    private PreTokenizerStep()
    {
    }

    /// <summary>
    /// The model works on bytes written as visible characters (<see cref="ByteAlphabet"/>). Optionally puts a space in
    /// front of a stretch that has none, and optionally cuts by GPT-2's pattern.
    /// </summary>
    public sealed record ByteLevel(bool AddPrefixSpace, bool CutByPattern) : PreTokenizerStep;

    /// <summary>Cuts by GPT-2's pattern: contractions, letters, digits, other signs, white space.</summary>
    public sealed record Gpt2Split : PreTokenizerStep;

    /// <summary>Cuts out runs of digits, or every digit by itself.</summary>
    public sealed record Digits(bool Individual) : PreTokenizerStep;

    /// <summary>
    /// Writes a space as <paramref name="Replacement"/>, optionally puts one in front, optionally cuts before each.
    /// </summary>
    public sealed record Metaspace(string Replacement, MetaspacePrefix Prefix, bool Cut) : PreTokenizerStep;
}
