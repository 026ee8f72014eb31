namespace FlamingoGpu.Core;

/// <summary>
/// Base of every error this library raises on purpose. The message names the file, tensor, option or offset, what was
/// expected, and what to do.
/// </summary>
public class FlamingoException : Exception
{
    /// <summary>Makes the error.</summary>
    public FlamingoException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
