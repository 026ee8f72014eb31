namespace FlamingoGpu.Models;

/// <summary>Which media a text token may read.</summary>
public enum MediaMask
{
    /// <summary>Only the last medium at or before the token (every released checkpoint).</summary>
    Immediate,

    /// <summary>All media at or before the token; tokens before the first average over all of them, as the reference does.</summary>
    AllPrevious,
}
