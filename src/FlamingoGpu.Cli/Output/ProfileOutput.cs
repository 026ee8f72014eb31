using System.Globalization;
using System.Text.Json;
using FlamingoGpu.Profiling;

namespace FlamingoGpu.Cli;

/// <summary>A profile as tables with the columns of Nsight Systems, and as JSON.</summary>
internal static class ProfileOutput
{
    /// <summary>Kernels, then modules.</summary>
    public static void Write(TextWriter output, Profile profile)
    {
        output.WriteLine(profile.Device);
        output.WriteLine(profile.Unit switch
        {
            ProfileUnit.HostNanoseconds => "times from the host's clock",
            ProfileUnit.DeviceNanoseconds => "times from events on the device, node by node",
            _ => "counted, not timed: warp instructions, bytes and sectors of the virtual GPU",
        });
        Table(output, profile, profile.Kernels, "Name");
        output.WriteLine();
        Table(output, profile, profile.Modules, "Module");
    }

    /// <summary>The profile as one object.</summary>
    public static void Write(Utf8JsonWriter json, Profile profile)
    {
        json.WriteStartObject();
        json.WriteString("device", profile.Device);
        json.WriteString("unit", Unit(profile));
        json.WriteBoolean("counted", profile.IsCounted);
        json.WriteFinite("total", profile.Total);
        Rows(json, profile, "kernels", profile.Kernels);
        Rows(json, profile, "modules", profile.Modules);
        json.WriteEndObject();
    }

    private static void Table(TextWriter output, Profile profile, IReadOnlyList<ProfileRow> rows, string name)
    {
        var (what, unit) = profile.IsCounted ? ("Instructions", "") : ("Time", " (ns)");
        string[] statistics =
        [
            $"{what} (%)>", profile.IsCounted ? "Total>" : "Total Time (ns)>", "Instances>", $"Avg{unit}>",
                $"Med{unit}>", $"Min{unit}>",
            $"Max{unit}>", $"StdDev{unit}>",
        ];
        string[] rates = profile.IsCounted ? ["Bytes>", "Sectors>", "32·Sectors/least>"]
            : ["GB/s>", "TFLOP/s>", "% of roof>"];
        var table = new TextTable([.. statistics, .. rates, name]);
        foreach (var row in rows)
        {
            string[] tail = profile.IsCounted
                ? [Units.Count(row.RequestedBytes), Units.Count(row.Sectors),
                    Short(32.0 * row.Sectors / Math.Max(1, row.Bytes))]
                : [Short(row.GigabytesPerSecond),
                    row.TeraflopsPerSecond.ToString("0.000", CultureInfo.InvariantCulture),
                    row.ShareOfRoof is { } share ? Short(100 * share) : ""];
            table.Add(
            [
                Short(100 * row.Share), Whole(row.Total), Units.Count(row.Instances), Whole(row.Average),
                    Whole(row.Median),
                Whole(row.Minimum), Whole(row.Maximum), Whole(row.StandardDeviation), .. tail, row.Name,
            ]);
        }

        table.Write(output);
    }

    private static void Rows(Utf8JsonWriter json, Profile profile, string name, IReadOnlyList<ProfileRow> rows)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteFinite("share", row.Share);
            json.WriteFinite("total", row.Total);
            json.WriteNumber("instances", row.Instances);
            json.WriteFinite("average", row.Average);
            json.WriteFinite("median", row.Median);
            json.WriteFinite("minimum", row.Minimum);
            json.WriteFinite("maximum", row.Maximum);
            json.WriteFinite("standard_deviation", row.StandardDeviation);
            json.WriteNumber("flops", row.Flops);
            json.WriteNumber("least_bytes", row.Bytes);
            json.WriteBoolean("tensor_cores", row.UsesTensorCores);
            if (profile.IsCounted)
            {
                json.WriteNumber("requested_bytes", row.RequestedBytes);
                json.WriteNumber("sectors", row.Sectors);
            }
            else
            {
                json.WriteFinite("gigabytes_per_second", row.GigabytesPerSecond);
                json.WriteFinite("teraflops_per_second", row.TeraflopsPerSecond);
                json.WriteFinite("share_of_roof", row.ShareOfRoof ?? double.NaN);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Unit(Profile profile) => profile.Unit switch
    {
        ProfileUnit.HostNanoseconds => "nanoseconds, host clock",
        ProfileUnit.DeviceNanoseconds => "nanoseconds, device events",
        _ => "warp instructions, counted",
    };

    private static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
