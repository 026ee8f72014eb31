namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>One step of a tokenizer's normaliser; steps run in order on every stretch between added tokens.</summary>
public abstract record NormalizerStep
{
    private NormalizerStep()
    {
    }

    /// <summary>Rewrites the text in one of the Unicode normalization forms.</summary>
    public sealed record Unicode(UnicodeForm Form) : NormalizerStep;

    /// <summary>Lower-cases every character by itself.</summary>
    public sealed record Lowercase : NormalizerStep;

    /// <summary>Puts a text in front of a stretch that is not empty.</summary>
    public sealed record Prepend(string Text) : NormalizerStep;

    /// <summary>Replaces every occurrence of a literal.</summary>
    public sealed record Replace(string Literal, string Content) : NormalizerStep
    {
        /// <summary>How many times longer it can make a text.</summary>
        public double Growth => (double)Content.Length / Literal.Length;
    }

    /// <summary>Removes white space at the ends.</summary>
    public sealed record Strip(bool Left, bool Right) : NormalizerStep;
}
