namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>One step from tokens back to text.</summary>
public abstract record DecoderStep
{
    private DecoderStep()
    {
    }

    /// <summary>Each character of a token stands for one byte (<see cref="ByteAlphabet"/>).</summary>
    public sealed record ByteLevel : DecoderStep;

    /// <summary>Replaces every occurrence of a literal within each token.</summary>
    public sealed record Replace(string Literal, string Content) : DecoderStep
    {
        /// <summary>How many times longer it can make a text.</summary>
        public double Growth => (double)Content.Length / Literal.Length;
    }

    /// <summary>Tokens such as <c>&lt;0x0A&gt;</c> stand for one byte.</summary>
    public sealed record ByteFallback : DecoderStep;

    /// <summary>Removes up to <paramref name="Count"/> spaces at the start of the whole text.</summary>
    public sealed record StripLeadingSpaces(int Count) : DecoderStep;
}
