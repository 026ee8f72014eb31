using System.Globalization;

namespace FlamingoGpu.Cli;

/// <summary>Figures for people, the same in every culture.</summary>
internal static class Units
{
    /// <summary>Bytes in a binary unit of three or more digits.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => Format($"{bytes / (double)(1L << 30):0.00} GiB"),
        >= 1L << 20 => Format($"{bytes / (double)(1L << 20):0.0} MiB"),
        >= 1L << 10 => Format($"{bytes / 1024.0:0.0} KiB"),
        _ => Format($"{bytes} B"),
    };

    /// <summary>A count with thousands marked.</summary>
    public static string Count(long count) => Format($"{count:N0}");

    /// <summary>Seconds to the millisecond.</summary>
    public static string Seconds(TimeSpan time) => Format($"{time.TotalSeconds:0.000} s");

    /// <summary>Items per second; empty when no time passed.</summary>
    public static string Rate(int count, TimeSpan time, string unit) =>
        time > TimeSpan.Zero && count > 0 ? Format($"{count / time.TotalSeconds:0.0} {unit}/s") : "";

    /// <summary>A short number.</summary>
    public static string Number(double value) => Format($"{value:0.######}");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
