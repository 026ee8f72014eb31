using System.Globalization;
using System.Security;
using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Profiling;

/// <summary>
/// The roofline of a profile (Williams, Waterman, Patterson 2009) as an SVG picture: FLOPs a byte against FLOP/s, both
/// logarithmic, the device's limits as lines, one numbered dot for each kernel with its area by its share of the time,
/// and a legend. Kernels without floating-point operations have no place in it and are left out.
/// </summary>
public static class RooflineSvg
{
    private const int Width = 1120, Height = 640;
    private const int Left = 80, Right = 640, Top = 56, Bottom = 560;
    private const int MostDots = 24;

    /// <summary>Draws the picture.</summary>
    /// <returns>The SVG document.</returns>
    /// <exception cref="InvalidRequestException">The profile has no times or no limits.</exception>
    public static string Draw(Profile profile)
    {
        if (profile.IsCounted) throw new InvalidRequestException(
            "a roofline needs times; the virtual GPU only counts.");
        if (profile.Roof is not { } roof)
            throw new InvalidRequestException(
                $"a roofline needs the limits of the device; those of {profile.Device} are not known.");
        ProfileRow[] rows = [.. profile.Kernels.Where(row => row.Flops > 0 && row.Total > 0 && row.Bytes > 0)
            .Take(MostDots)];
        var tallest = Math.Max(roof.TensorFlopsPerSecond, roof.FlopsPerSecond);
        double[] intensities =
            [.. rows.Select(Intensity), roof.FlopsPerSecond / roof.BytesPerSecond, tallest / roof.BytesPerSecond];
        var x = new LogAxis(intensities.Min() / 2, intensities.Max() * 4, Left, Right);
        double[] rates = [.. rows.Select(Rate), tallest];
        var y = new LogAxis(rates.Min() / 2, rates.Max() * 2, Bottom, Top);

        var svg = new StringBuilder();
        var root = "xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\"";
        Line(svg, $"<svg {root} viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\">");
        Line(svg, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        Text(svg, Left, 30, $"Roofline: {profile.Device}", size: 16);
        Axes(svg, x, y);
        Roofs(svg, roof, x, y);
        for (var i = rows.Length - 1; i >= 0; i--)
            Dot(svg, rows[i], i + 1, x.At(Intensity(rows[i])), y.At(Rate(rows[i])));
        Legend(svg, rows);
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static double Intensity(ProfileRow row) => row.Flops / (double)row.Bytes;

    private static double Rate(ProfileRow row) => row.Flops / row.Total * 1e9;

    private static void Axes(StringBuilder svg, LogAxis x, LogAxis y)
    {
        foreach (var decade in x.Decades)
        {
            Stroke(svg, x.At(decade), Top, x.At(decade), Bottom, "#dddddd", 1);
            Text(svg, x.At(decade), Bottom + 20, decade.ToString("0.####", CultureInfo.InvariantCulture), "middle");
        }

        foreach (var decade in y.Decades)
        {
            Stroke(svg, Left, y.At(decade), Right, y.At(decade), "#dddddd", 1);
            Text(svg, Left - 8, y.At(decade) + 4, Prefixed(decade), "end");
        }

        Stroke(svg, Left, Top, Left, Bottom, "black", 1);
        Stroke(svg, Left, Bottom, Right, Bottom, "black", 1);
        Text(svg, (Left + Right) / 2, Bottom + 46, "FLOPs for each byte that must move", "middle");
        Text(svg, 20, (Top + Bottom) / 2, "FLOP/s", "middle", turn: -90);
    }

    private static void Roofs(StringBuilder svg, Roof roof, LogAxis x, LogAxis y)
    {
        var tallest = Math.Max(roof.TensorFlopsPerSecond, roof.FlopsPerSecond);
        var left = Math.Max(x.Low, y.Low / roof.BytesPerSecond);
        var knee = tallest / roof.BytesPerSecond;
        Stroke(svg, x.At(left), y.At(left * roof.BytesPerSecond), x.At(knee), y.At(tallest), "#444444", 2);
        var middle = Math.Sqrt(left * roof.FlopsPerSecond / roof.BytesPerSecond);
        var slope = Math.Atan2(y.At(10 * y.Low) - y.At(y.Low), x.At(10 * x.Low) - x.At(x.Low)) * 180 / Math.PI;
        Text(
            svg, x.At(middle), y.At(middle * roof.BytesPerSecond) - 8, $"memory {Prefixed(roof.BytesPerSecond)}B/s",
            "middle", turn: slope);
        Ceiling(roof.FlopsPerSecond, roof.TensorFlopsPerSecond > roof.FlopsPerSecond ? "multiply-add" : "peak");
        if (roof.TensorFlopsPerSecond > roof.FlopsPerSecond) Ceiling(roof.TensorFlopsPerSecond, "tensor cores");

        void Ceiling(double rate, string name)
        {
            Stroke(svg, x.At(rate / roof.BytesPerSecond), y.At(rate), Right, y.At(rate), "#444444", 2);
            Text(svg, Right - 6, y.At(rate) - 6, $"{name} {Prefixed(rate)}FLOP/s", "end");
        }
    }

    private static void Dot(StringBuilder svg, ProfileRow row, int number, double x, double y)
    {
        var colour = $"fill=\"{Colour(row)}\" stroke=\"{Colour(row)}\" fill-opacity=\"0.55\"";
        Line(svg, $"<circle cx=\"{x:0.0}\" cy=\"{y:0.0}\" r=\"{5 + 22 * Math.Sqrt(row.Share):0.0}\" {colour}>");
        Line(svg, $"<title>{SecurityElement.Escape(row.Name)}</title></circle>");
        Text(svg, x, y + 4, $"{number}", "middle", 11);
    }

    private static void Legend(StringBuilder svg, ProfileRow[] rows)
    {
        Text(svg, Right + 24, Top - 8, "kernel (share of time, share of roof); blue: tensor cores", size: 11);
        for (var i = 0; i < rows.Length; i++)
        {
            var y = Top + 12 + i * 21;
            Line(svg, $"<circle cx=\"{Right + 32}\" cy=\"{y - 4}\" r=\"5\" fill=\"{Colour(rows[i])}\"/>");
            var name = rows[i].Name.Length > 48 ? rows[i].Name[..47] + "…" : rows[i].Name;
            var shares = string.Create(
                CultureInfo.InvariantCulture, $"({rows[i].Share:0.0 %}, {rows[i].ShareOfRoof:0 %})");
            Text(svg, Right + 44, y, $"{i + 1} {name} {shares}", size: 11);
        }
    }

    private static string Colour(ProfileRow row) => row.UsesTensorCores ? "#1f77b4" : "#ff7f0e";

    private static void Stroke(
        StringBuilder svg, double x1, double y1, double x2, double y2, string colour, int width)
    {
        var ends = string.Create(
            CultureInfo.InvariantCulture, $"x1=\"{x1:0.0}\" y1=\"{y1:0.0}\" x2=\"{x2:0.0}\" y2=\"{y2:0.0}\"");
        Line(svg, $"<line {ends} stroke=\"{colour}\" stroke-width=\"{width}\"/>");
    }

    private static void Text(
        StringBuilder svg, double x, double y, string text, string anchor = "start", int size = 13, double turn = 0)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"translate({x:0.0} {y:0.0}) rotate({turn:0.0})");
        var style = $"text-anchor=\"{anchor}\" font-size=\"{size}\"";
        Line(svg, $"<text transform=\"{place}\" {style}>{SecurityElement.Escape(text)}</text>");
    }

    private static string Prefixed(double value) => value switch
    {
        >= 1e15 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e15:0.##} P"),
        >= 1e12 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e12:0.##} T"),
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:0.##} G"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##} M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.##} "),
    };

    private static void Line(StringBuilder svg, FormattableString text) =>
        svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>
    /// A logarithmic axis from <paramref name="low"/> at one pixel to <paramref name="high"/> at another.
    /// </summary>
    private sealed class LogAxis(double low, double high, double first, double last)
    {
        public double Low => low;

        public IEnumerable<double> Decades
        {
            get
            {
                for (var power = (int)Math.Ceiling(Math.Log10(low)); Math.Pow(10, power) <= high; power++)
                    yield return Math.Pow(10, power);
            }
        }

        public double At(double value) =>
            first + (last - first) * (Math.Log(value) - Math.Log(low)) / (Math.Log(high) - Math.Log(low));
    }
}
