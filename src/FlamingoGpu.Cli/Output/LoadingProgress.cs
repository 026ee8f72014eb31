using System.Diagnostics;
using System.Globalization;

namespace FlamingoGpu.Cli;

/// <summary>One line on a terminal that says how far loading is; erased at the end. Draws nothing elsewhere.</summary>
internal sealed class LoadingProgress(TextWriter terminal, bool visible, string what) : IProgress<(long Done, long Total)>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private long _lastDrawn;
    private bool _drawn;

    /// <inheritdoc/>
    public void Report((long Done, long Total) value)
    {
        if (!visible || (_drawn && Stopwatch.GetElapsedTime(_lastDrawn) < Interval)) return;
        (_lastDrawn, _drawn) = (Stopwatch.GetTimestamp(), true);
        var percent = value.Total == 0 ? 100 : 100.0 * value.Done / value.Total;
        terminal.Write(string.Create(
            CultureInfo.InvariantCulture, $"\r{what} {percent,3:0} % of {Units.Bytes(value.Total)}  "));
        terminal.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_drawn) terminal.Write("\r\e[K");
        terminal.Flush();
    }
}
