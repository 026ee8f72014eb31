namespace FlamingoGpu.Core;

/// <summary>No suitable device, or not enough of its memory. The executable ends with exit code 4.</summary>
public sealed class DeviceException : FlamingoException
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">Names the device, what was needed and what is there, with figures.</param>
    /// <param name="inner">The underlying error, if any.</param>
    public DeviceException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
