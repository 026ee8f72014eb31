namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>The four normalization forms of Unicode (UAX #15).</summary>
public enum UnicodeForm
{
    /// <summary>Canonical decomposition, then composition: é is one character.</summary>
    Nfc,

    /// <summary>Canonical decomposition: é is e and a combining accent.</summary>
    Nfd,

    /// <summary>Compatibility decomposition, then composition: ﬁ becomes fi.</summary>
    Nfkc,

    /// <summary>Compatibility decomposition.</summary>
    Nfkd,
}
