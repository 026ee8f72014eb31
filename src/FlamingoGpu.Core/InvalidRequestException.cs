namespace FlamingoGpu.Core;

/// <summary>
/// What the caller asked for is contradictory or out of range: an option, a prompt, a count. The executable ends with
/// exit code 2.
/// </summary>
public sealed class InvalidRequestException : FlamingoException
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">Names the option or argument, the value, and what would be right.</param>
    /// <param name="inner">The underlying error, if any.</param>
    public InvalidRequestException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
