using System.Text;

namespace FlamingoGpu.Formats;

/// <summary>UTF-8 that throws on what is not, instead of putting replacement characters.</summary>
internal static class StrictUtf8
{
    /// <summary>Safe from any thread.</summary>
    public static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
