using System.Globalization;

namespace FlamingoGpu.Tests.Cli;

public class GpuBenchTests
{
    [Fact]
    public void Bench_OnTheVirtualGpu_ChecksAndCountsSmallShapes()
    {
        using var folder = new TemporaryFolder();
        var run = CliRun.Of("bench", "--device", "virtual", "--small", "--report", folder.File("bench.json"));
        Assert.Equal(0, run.Code);
        Assert.Contains("counted on the virtual GPU, nothing is timed", run.Output, StringComparison.Ordinal);
        using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(folder.File("bench.json")));
        var rows = document.RootElement.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(10 + 5, rows.Count); // shapes; vision, pictures, first token, a step and its nodes
        Assert.Single(rows, row => row.GetProperty("unit").GetString() == "kernels and copies");
        Assert.All(rows, row =>
        {
            Assert.Contains(
                row.GetProperty("unit").GetString(), (string[])["warp instructions, counted", "kernels and copies"]);
            Assert.True(row.GetProperty("median").GetDouble() > 0);
            Assert.Equal(System.Text.Json.JsonValueKind.Null, row.GetProperty("ratio").ValueKind);
        });
        Assert.Contains(rows, row => row.GetProperty("note").GetString()!.Contains("tensor", StringComparison.Ordinal));
    }

    [Fact]
    public void Bench_NoDevice_TimesTheHostsPartOfWholeSizes()
    {
        using var folder = new TemporaryFolder();
        var run = CliRun.Of("bench", "--device", "idle", "--report", folder.File("bench.json"));
        Assert.Equal(0, run.Code);
        using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(folder.File("bench.json")));
        var rows = document.RootElement.GetProperty("rows").EnumerateArray()
            .ToDictionary(row => row.GetProperty("name").GetString()!, row => row);
        Assert.Equal(3 * 3, rows.Count);
        foreach (var name in new[] { "host 1+32", "host 9+512", "host 64+256" })
        {
            double Calls(string row) // "…; 1,234 calls, …"
            {
                var words = rows[row].GetProperty("note").GetString()!.Split(' ');
                var count = words[Array.IndexOf(words, "calls,") - 1];
                return double.Parse(count, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
            }

            Assert.Equal("ms", rows[name].GetProperty("unit").GetString());
            Assert.True(rows[name].GetProperty("median").GetDouble() > 0);
            Assert.True(Calls(name) < Calls($"{name} new sizes") / 3, $"{name}: {Calls(name)} calls");
        }
    }

    [Fact]
    public void Bench_WholeSizesOnTheVirtualGpu_IsRefused()
    {
        var run = CliRun.Of("bench", "--device", "virtual");
        Assert.Equal(2, run.Code);
        Assert.Contains("use --small", run.Error, StringComparison.Ordinal);
    }
}
