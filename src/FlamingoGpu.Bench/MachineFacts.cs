using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Bench;

/// <summary>What the figures were measured on.</summary>
/// <param name="Device">Processor, threads and instruction sets.</param>
/// <param name="Cores">Cores this process may use.</param>
/// <param name="LastLevelCacheBytes">Size of the largest cache, 0 where the system does not say.</param>
/// <param name="OperatingSystem">Name and version.</param>
/// <param name="Runtime">Name and version of .NET.</param>
/// <param name="Commit">Commit this was built from, or null when the build did not know it.</param>
public sealed record MachineFacts(
    string Device, int Cores, long LastLevelCacheBytes, string OperatingSystem, string Runtime, string? Commit)
{
    /// <summary>The device in lower-case letters, digits and hyphens, for a folder of results.</summary>
    public string Slug
    {
        get
        {
            var slug = new StringBuilder();
            foreach (var letter in Device.ToLowerInvariant())
            {
                if (char.IsAsciiLetterOrDigit(letter)) slug.Append(letter);
                else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
            }

            return slug.ToString().TrimEnd('-');
        }
    }

    /// <summary>Asks the system.</summary>
    public static MachineFacts Of(IDevice device) => new(
        device.Description,
        Environment.ProcessorCount,
        FindLastLevelCache(),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        FindCommit());

    private static string? FindCommit()
    {
        // The SDK appends "+commit" to the version when it builds inside a repository.
        var version = typeof(MachineFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
        return version?.InformationalVersion.Split('+') is [_, var commit] ? commit : null;
    }

    private static long FindLastLevelCache()
    {
        const string folder = "/sys/devices/system/cpu/cpu0/cache";
        if (!Directory.Exists(folder)) return 0;
        long largest = 0;
        foreach (var index in Directory.EnumerateDirectories(folder, "index*"))
        {
            var file = Path.Combine(index, "size");
            if (!File.Exists(file)) continue;
            var digits = File.ReadAllText(file).Trim().TrimEnd('K'); // such as 32768K
            if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes))
                largest = Math.Max(largest, kibibytes * 1024);
        }

        return largest;
    }
}
