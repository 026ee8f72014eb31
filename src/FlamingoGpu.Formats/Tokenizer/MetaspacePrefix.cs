namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>Where a Metaspace step puts its sign in front of text that does not start with one.</summary>
public enum MetaspacePrefix
{
    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>At the very start of the text only, not after an added token.</summary>
    First,

    /// <summary>At the start and after every added token.</summary>
    Always,
}
