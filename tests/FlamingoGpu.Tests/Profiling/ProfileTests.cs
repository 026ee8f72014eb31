using System.Text.Json;
using System.Xml.Linq;
using FlamingoGpu.Core;
using FlamingoGpu.Profiling;

namespace FlamingoGpu.Tests.Profiling;

public class ProfileTests
{
    [Fact]
    public void Kernels_KnownTimes_HaveTheirStatistics()
    {
        var profile = SampleProfile.Of(ProfileUnit.DeviceNanoseconds, 100, 300, 50, 200, 600, 150);
        var row = profile.Kernels[0];
        Assert.Equal(("matmul gemm", 4), (row.Name, row.Instances));
        Assert.Equal((1200, 300, 250, 100, 600), (row.Total, row.Average, row.Median, row.Minimum, row.Maximum));
        Assert.Equal(1200 / 1400.0, row.Share, 12);
        Assert.Equal(Math.Sqrt((200 * 200 + 0 + 100 * 100 + 300 * 300) / 3.0), row.StandardDeviation, 9);
        Assert.Equal(4 * 2 * 8 * 64 * 64, row.Flops);
        Assert.Equal(row.Flops / 1200.0 / 1e3, row.TeraflopsPerSecond, 12);
        Assert.Equal(row.Bytes / 1200.0, row.GigabytesPerSecond, 12);

        // Each product moves 4·(8·64·2 + 64·64) bytes: 20.48 ns at 1000 bytes a nanosecond, more than its operations
        // take.
        Assert.Equal(4 * 20.48 / 1200, row.ShareOfRoof!.Value, 9);
    }

    [Fact]
    public void Modules_OfLabels_AreRolledUp()
    {
        var profile = SampleProfile.Of(ProfileUnit.HostNanoseconds, 100, 300, 50);
        Assert.Equal(
            [(ModelModule.FeedForward, 300.0), (ModelModule.SelfAttention, 100.0), (ModelModule.Head, 50.0)],
            profile.Modules.Select(row => (row.Name, row.Total)));
    }

    [Theory]
    [InlineData("vision.block3.matmul", ModelModule.Vision)]
    [InlineData("resampler.layer0.latent_attention", ModelModule.Resampler)]
    [InlineData("xattn12.attn.media_cross_attention", ModelModule.GatedCrossAttention)]
    [InlineData("xattn12.ff.matmul", ModelModule.GatedCrossAttention)]
    [InlineData("xattn3.media_kv.matmul", ModelModule.GatedCrossAttention)]
    [InlineData("lm31.attn.causal_attention", ModelModule.SelfAttention)]
    [InlineData("lm0.ff.matmul", ModelModule.FeedForward)]
    [InlineData("head.matmul", ModelModule.Head)]
    [InlineData("embedding.embedding", ModelModule.Other)]
    public void Of_Label_IsItsModule(string label, string module) => Assert.Equal(module, ModelModule.Of(label));

    [Fact]
    public void Trace_IsInTheTraceEventFormat()
    {
        var events = Trace(SampleProfile.Of(ProfileUnit.DeviceNanoseconds, 1500, 300, 50)).GetProperty("traceEvents")
            .EnumerateArray().ToList();
        foreach (var item in events)
        {
            Assert.Equal(JsonValueKind.String, item.GetProperty("name").ValueKind);
            Assert.True(item.GetProperty("ts").GetDouble() >= 0);
            Assert.Equal(1, item.GetProperty("pid").GetInt32());
            Assert.True(item.GetProperty("tid").GetInt32() >= 0);
            Assert.Contains(item.GetProperty("ph").GetString(), (string[])["X", "M"]);
            Assert.Equal(JsonValueKind.Object, item.GetProperty("args").ValueKind);
        }

        var nodes = events.Where(item => item.GetProperty("ph").GetString() == "X").ToList();
        Assert.Equal([(0, 1.5), (1.5, 0.3), (1.8, 0.05)],
            nodes.Select(item => (item.GetProperty("ts").GetDouble(), item.GetProperty("dur").GetDouble())));
        var names = events.Where(item => item.GetProperty("name").GetString() == "thread_name")
            .ToDictionary(item => item.GetProperty("tid").GetInt32(), item =>
                item.GetProperty("args").GetProperty("name").GetString());
        Assert.All(nodes, item => Assert.Contains(item.GetProperty("tid").GetInt32(), names.Keys));
    }

    [Fact]
    public void Trace_OfCounts_SaysThatTheyAreNoTime()
    {
        var trace = Trace(SampleProfile.Of(ProfileUnit.WarpInstructions, 1500));
        Assert.Contains("not time", trace.GetProperty("otherData").GetProperty("unit").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(1500, trace.GetProperty("traceEvents").EnumerateArray().Last().GetProperty("dur").GetDouble());
    }

    [Fact]
    public void Roofline_HasOneDotForEachKernelInsideTheAxes()
    {
        var svg = XDocument.Parse(RooflineSvg.Draw(SampleProfile.Of(ProfileUnit.DeviceNanoseconds, 100, 300, 50)));
        XNamespace ns = "http://www.w3.org/2000/svg";
        var dots = svg.Descendants(ns + "circle").Where(circle => circle.Element(ns + "title") is not null).ToList();
        Assert.Equal(["activate rows", "matmul gemm"], dots.Select(dot => dot.Value).Order());
        Assert.All(dots, dot =>
        {
            Assert.InRange((double)dot.Attribute("cx")!, 80, 640);
            Assert.InRange((double)dot.Attribute("cy")!, 56, 560);
        });
        var texts = svg.Descendants(ns + "text").Select(text => text.Value).ToList();
        Assert.Contains(texts, text => text.Contains("test <device>", StringComparison.Ordinal));
        Assert.Contains("FLOP/s", texts);
        Assert.Contains(texts, text => text.StartsWith("FLOPs for each byte", StringComparison.Ordinal));
    }

    [Fact]
    public void Roofline_OfCountsOrWithoutLimits_IsRefused()
    {
        Assert.Throws<InvalidRequestException>(
            () => RooflineSvg.Draw(SampleProfile.Of(ProfileUnit.WarpInstructions, 1)));
        Assert.Throws<InvalidRequestException>(
            () => RooflineSvg.Draw(SampleProfile.Of(ProfileUnit.HostNanoseconds, 1) with { Roof = null }));
    }

    private static JsonElement Trace(Profile profile)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) ChromeTrace.Write(json, profile);
        using var document = JsonDocument.Parse(stream.ToArray());
        return document.RootElement.Clone();
    }
}
