using System.Globalization;

namespace FlamingoGpu;

/// <summary>Memory of the machine, or of the container this process is confined to.</summary>
public static class MachineMemory
{
    /// <summary>Bytes there are in all, whoever uses them.</summary>
    public static long TotalBytes { get; } = ReadTotal();

    /// <summary>The most memory this process has held so far, mapped files that were read included.</summary>
    public static long PeakBytes =>
        ReadKibibytes("/proc/self/status", "VmHWM:") ?? System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64;

    private static long ReadTotal()
    {
        var total = ReadKibibytes("/proc/meminfo", "MemTotal:") ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        const string Limit = "/sys/fs/cgroup/memory.max"; // "max" or bytes
        return File.Exists(Limit) && long.TryParse(File.ReadAllText(Limit).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? Math.Min(total, limit)
            : total;
    }

    private static long? ReadKibibytes(string file, string key)
    {
        if (!File.Exists(file)) return null;
        foreach (var line in File.ReadLines(file))
        {
            if (!line.StartsWith(key, StringComparison.Ordinal)) continue;
            var number = line[key.Length..].Trim().Split(' ')[0];
            return long.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture) * 1024;
        }

        return null;
    }
}
