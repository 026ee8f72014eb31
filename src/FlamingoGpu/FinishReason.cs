namespace FlamingoGpu;

/// <summary>Why generation ended.</summary>
public enum FinishReason
{
    /// <summary>A stop id was generated.</summary>
    StopToken,

    /// <summary>A stop text appeared.</summary>
    StopText,

    /// <summary>The most tokens allowed were generated.</summary>
    Length,
}
