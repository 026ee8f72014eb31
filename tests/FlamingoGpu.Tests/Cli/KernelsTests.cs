namespace FlamingoGpu.Tests.Cli;

public class KernelsTests
{
    [Fact]
    public void List_SomeKernels_ShowsLaunchAndWork()
    {
        var run = CliRun.Of("kernels", "list", "--filter", "log_softmax 7x443");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.StartsWith("kernel", run.Output, StringComparison.Ordinal);
        Assert.Contains("log_softmax 7x443", run.Output, StringComparison.Ordinal);
        var json = CliRun.Of("kernels", "list", "--filter", "log_softmax 7x443", "--json")
            .Json.GetProperty("kernels")[0];
        Assert.Equal(4 * 7 * 443, json.GetProperty("flops").GetInt64());
        Assert.True(json.GetProperty("register_estimate").GetInt32() > 0);
        Assert.Equal(3, json.GetProperty("grid").GetArrayLength());
    }

    [Fact]
    public void Show_BeginningOfAName_PrintsThePtx()
    {
        var name = CliRun.Of("kernels", "list", "--filter", "repeat_rows", "--json").Json.GetProperty("kernels")[0]
            .GetProperty("name").GetString()!;
        var run = CliRun.Of("kernels", "show", name);
        Assert.Equal(0, run.Code);
        Assert.StartsWith(".version", run.Output, StringComparison.Ordinal);
        Assert.Contains($".visible .entry {name}(", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Show_UnknownName_NamesTheNearest()
    {
        var run = CliRun.Of("kernels", "show", "layer_nrom");
        Assert.Equal(2, run.Code);
        Assert.Contains("no kernel begins with 'layer_nrom'; nearest are", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Dump_Folder_HoldsEveryTextAndAnIndex()
    {
        using var folder = new TemporaryFolder();
        var run = CliRun.Of("kernels", "dump", "--filter", "rotary", folder.Path);
        Assert.Equal(0, run.Code);
        var names = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "index.json")))
            .RootElement.GetProperty("kernels").EnumerateArray()
                .SelectMany(kernel => (string[])
                    [$"{kernel.GetProperty("name")}.ptx", $"{kernel.GetProperty("name")}.dependent.ptx"]).ToList();
        Assert.NotEmpty(names);
        Assert.Equal(names.Append("index.json").Order(),
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Dump_All_TakesTheFolderBehindTheSwitch()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, CliRun.Of("kernels", "dump", "--all", folder.Path).Code);
        Assert.True(Directory.GetFiles(folder.Path, "*.ptx").Length > 20);
    }

    [Fact]
    public void Check_GoodKernels_PrintsCounts()
    {
        var run = CliRun.Of("kernels", "check", "--filter", "layer_norm f32 7x443", "--seeds", "2");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Matches("([0-9]+) of \\1 cases agree with the cpu", run.Output);
        var json = CliRun.Of("kernels", "check", "--filter", "layer_norm f32 7x443", "--seeds", "1", "--json").Json;
        Assert.True(json.GetProperty("good").GetBoolean() && json.GetProperty("counted").GetBoolean());
        Assert.InRange(json.GetProperty("cases")[0].GetProperty("error_over_bound").GetDouble(), 0, 1);
    }

    [Fact]
    public void Assemble_OnTheVirtualGpu_PrintsRegisters()
    {
        var run = CliRun.Of("kernels", "assemble", "--filter", "layer_norm", "--json");
        Assert.Equal(0, run.Code);
        Assert.True(run.Json.GetProperty("good").GetBoolean());
        Assert.True(run.Json.GetProperty("kernels")[0].GetProperty("registers").GetInt32() > 0);
    }

    [Theory]
    [InlineData("virtual", true)]
    [InlineData("virtual:sm_80", false)] // the texts of warpgroups are refused there, and never chosen
    public void Assemble_OnADevice_TakesTheKernelsItChooses(string device, bool hasWarpgroups)
    {
        var run = CliRun.Of("kernels", "assemble", "--filter", "causal_attention bf16", "--device", device, "--json");
        Assert.Equal(0, run.Code);
        var names = run.Json.GetProperty("kernels").EnumerateArray()
            .Select(kernel => kernel.GetProperty("name").GetString()!).ToList();
        Assert.Equal(hasWarpgroups, names.Any(name => name.Contains("_warpgroup_", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("virtual", "9.0")]
    [InlineData("virtual:sm_80", "8.0")]
    public void Check_OnEitherVirtualGpu_RunsEverySchedule(string device, string capability)
    {
        var run = CliRun.Of(
            "kernels", "check", "--filter", "layer_norm f32 7x443", "--seeds", "3", "--device", device, "--json");
        Assert.Equal(3, run.Json.GetProperty("schedules").GetInt32());
        Assert.Contains(
            $"compute capability {capability}", run.Json.GetProperty("device").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kernels check takes no 'layer_norm'; to choose cases use --filter", "check", "layer_norm")]
    [InlineData("kernels list takes no", "list", "layer_norm")]
    [InlineData("kernels assemble takes no", "assemble", "layer_norm")]
    [InlineData("no case has the words 'nothing'", "check", "--filter", "nothing")]
    [InlineData("kernels takes 'list'", "lists")]
    [InlineData("kernels takes 'list'", "dump", "folder")]
    [InlineData("kernels takes 'list'", "show")]
    [InlineData("--seeds is 0", "check", "--seeds", "0")]
    [InlineData("'cpu' assembles nothing", "assemble", "--device", "cpu")]
    public void Kernels_WrongUsage_Is2(string message, params string[] arguments)
    {
        var run = CliRun.Of(["kernels", .. arguments]);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }
}
