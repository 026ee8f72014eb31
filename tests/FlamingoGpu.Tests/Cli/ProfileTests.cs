using System.Text.Json;
using System.Xml.Linq;

namespace FlamingoGpu.Tests.Cli;

public class ProfileTests
{
    [Fact]
    public void Profile_TinyModel_PrintsKernelsAndModulesAndWritesBothPictures()
    {
        using var folder = new TemporaryFolder();
        var (trace, roofline) = (folder.File("trace.json"), folder.File("roofline.svg"));
        var run = CliRun.Tiny(
            "profile", "An image of", "-n", "3", "--image", Paths.Photo, "--trace", trace, "--roofline", roofline);
        Assert.Equal((0, ""), (run.Code, run.Error));
        foreach (var text in (
            string[])["Time (%)", "Total Time (ns)", "Instances", "StdDev (ns)", "% of roof", "matmul ",
            "gated cross-attention", "vision", "resampler", "self-attention", "feed-forward", "head"])
            Assert.Contains(text, run.Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllText(trace));
        Assert.True(document.RootElement.GetProperty("traceEvents").GetArrayLength() > 100);
        Assert.Equal("svg", XDocument.Load(roofline).Root!.Name.LocalName);
    }

    [Fact]
    public void Profile_Json_SharesAddUpToOne()
    {
        var json = CliRun.Tiny("profile", "An image of", "-n", "2", "--json").Json;
        Assert.Equal("nanoseconds, host clock", json.GetProperty("unit").GetString());
        foreach (var table in (string[])["kernels", "modules"])
            Assert.Equal(1, json.GetProperty(table).EnumerateArray().Sum(row => row.GetProperty("share").GetDouble()),
                9);
    }

    [Fact]
    public void Profile_OnTheVirtualGpu_CountsAndHasNoTime()
    {
        var run = CliRun.Tiny("profile", "An", "-n", "1", "--device", "virtual");
        Assert.Equal(0, run.Code);
        Assert.Contains("counted, not timed", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Time", run.Output, StringComparison.Ordinal);
        var refused = CliRun.Tiny("profile", "An", "-n", "1", "--device", "virtual", "--roofline", "r.svg");
        Assert.Equal(2, refused.Code);
        Assert.Contains("only counts", refused.Error, StringComparison.Ordinal);
    }
}
