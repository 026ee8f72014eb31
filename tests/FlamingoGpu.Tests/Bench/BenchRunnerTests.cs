using System.Text.Json;
using FlamingoGpu.Bench;
using FlamingoGpu.Core;

namespace FlamingoGpu.Tests.Bench;

public sealed class BenchRunnerTests : IDisposable
{
    private readonly TinyBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(true, DType.BF16)]
    [InlineData(false, DType.F32)]
    public void Run_TinyShape_HasEveryKeyWithSaneValues(bool mosaic, DType type)
    {
        var options = _bench.Options(mosaic) with { WeightType = type, ChildCommand = Child() };

        using var json = JsonDocument.Parse(Json(new BenchRunner(options).Run()));

        var root = json.RootElement;
        foreach (var key in (string[])["device", "date", "runtime", "system"]) Assert.NotEmpty(root.GetProperty(key).GetString()!);
        Assert.Equal("bench-tiny", root.GetProperty("shape").GetString());
        Assert.Equal(type.ShortName(), root.GetProperty("dtype").GetString());
        var ratios = root.GetProperty("ratios");
        Assert.True(ratios.GetProperty("decode_bandwidth").GetDouble() > 0);
        Assert.InRange(ratios.GetProperty("peak_memory").GetDouble(), 1, 10_000); // a process is far larger than these weights
        foreach (var key in (string[])["gemm_openblas", "gemm_openblas_bf16"]) AssertGemm(root, key);
        string[] probes =
            ["memory_read_gb_s", "memory_read_one_thread_gb_s", "memory_read_mapped_gb_s", "fma_gflop_s", "fma_one_thread_gflop_s"];
        foreach (var key in probes) AssertSamples(root.GetProperty("probes").GetProperty(key));
        var rows = root.GetProperty("rows").EnumerateArray().ToList();
        foreach (var row in rows) AssertSamples(row);
        string[] names =
            ["tg", "pp37", "img1", "ttft", "decode weight bytes", "peak resident set", "gemm f32 13x70x129, 1 thread"];
        foreach (var name in names)
            Assert.Contains(rows, row => row.GetProperty("name").GetString()!.StartsWith(name, StringComparison.Ordinal));
        foreach (var stage in (string[])["decode", "prefill", "image"])
            Assert.Contains(root.GetProperty("operations").EnumerateArray(), operation => operation.GetProperty("stage").GetString() == stage);
        Assert.Equal(0.85, root.GetProperty("goals").GetProperty("decode_bandwidth").GetProperty("at_least").GetDouble());
    }

    [Theory]
    [InlineData("matmul")]
    [InlineData("layer_norm")]
    [InlineData("causal_attention")]
    [InlineData("media_cross_attention")]
    public void Run_WrongKernel_RefusesAndLeavesNothingBehind(string op)
    {
        var options = _bench.Options() with { Kernels = kernels => new BrokenKernels(kernels, op) };

        var error = Assert.Throws<FlamingoException>(() => new BenchRunner(options).Run());

        Assert.Contains("o figure is printed", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_bench.Folder));
    }

    [Fact]
    public void Run_WrongMatrixProduct_RefusesWithoutAModelToo()
    {
        var options = _bench.Options() with
        {
            Skip = BenchParts.Model | BenchParts.Memory,
            Kernels = kernels => new BrokenKernels(kernels, "matmul"),
        };

        var error = Assert.Throws<FlamingoException>(() => new BenchRunner(options).Run());

        Assert.StartsWith("gemm f32 13x70x129: row 12, column 69", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_PartsAndPeerMissing_RatiosAreNullWithReasons()
    {
        var options = _bench.Options() with
        {
            Skip = BenchParts.Model,
            OpenBlasLibrary = "libno-such-blas.so",
            ChildCommand = null,
        };

        var report = new BenchRunner(options).Run();

        Assert.Null(report.DecodeBandwidth);
        Assert.Null(report.PeakMemory);
        Assert.All(report.GemmOpenBlas.Values, Assert.Null);
        Assert.Equal("skipped", report.Reasons["decode_bandwidth"]);
        Assert.Contains("libno-such-blas.so was not found", report.Reasons["gemm_openblas"], StringComparison.Ordinal);
        Assert.Contains("process", report.Reasons["peak_memory"], StringComparison.Ordinal);
        Assert.Contains(report.Rows, row => row.Name.StartsWith("gemm bf16 64x33x40, 1 thread", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_WeightsBeyondTheMachine_AreNotWritten()
    {
        var options = _bench.Options() with { Skip = BenchParts.Gemm };
        var language = options.Config.Language with { Vocabulary = 2_000_000_000, Width = 65_536, Heads = 512 };
        options = options with { Config = options.Config with { Language = language } };

        var report = new BenchRunner(options).Run();

        Assert.Contains("must stay in memory", report.Reasons["decode_bandwidth"], StringComparison.Ordinal);
        Assert.Equal(report.Reasons["decode_bandwidth"], report.Reasons["peak_memory"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_bench.Folder));
    }

    [Fact]
    public void Run_ChildThatFails_IsAnErrorWithItsMessage()
    {
        var options = _bench.Options() with
        {
            Skip = BenchParts.Model | BenchParts.Gemm,
            ChildCommand = ["/bin/sh", "-c", "echo the child is ill >&2; exit 3"],
        };

        var error = Assert.Throws<FlamingoException>(() => new BenchRunner(options).Run());

        Assert.Contains("the child is ill", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OptionsOutOfRange_AreRefusedByName()
    {
        var options = _bench.Options();
        Refuses("--context", options with { Context = options.Config.Language.Context });
        Refuses("--images", options with { Images = 30 });
        Refuses("--threads", options with { Threads = 0 });
        Refuses("--dtype", options with { WeightType = DType.I8 });
        Assert.Contains("--layers", Assert.Throws<InvalidRequestException>(() => BenchOptions.Shrink(options.Config, 1)).Message, StringComparison.Ordinal);

        static void Refuses(string option, BenchOptions options) =>
            Assert.StartsWith(option, Assert.Throws<InvalidRequestException>(() => new BenchRunner(options).Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Report_MakesTwoWholeFiles()
    {
        var report = new BenchRunner(_bench.Options() with { Skip = BenchParts.Model | BenchParts.Memory }).Run();
        var folder = Path.Combine(_bench.Folder, "results", "here");

        var paths = ReportFiles.Write(report, folder);

        Assert.Equal(paths.Order(), Directory.GetFiles(folder).Order());
        var name = $"{report.Date:yyyy-MM-dd}-bench-tiny-bf16";
        Assert.Equal([name + ".json", name + ".md"], paths.Select(Path.GetFileName));
        Assert.Equal(Json(report) + "\n", File.ReadAllText(paths[0]));
        Assert.Contains("- no decode_bandwidth: skipped", File.ReadAllText(paths[1]), StringComparison.Ordinal);
    }

    private static string Json(BenchReport report)
    {
        using var stream = new MemoryStream();
        var indented = new JsonWriterOptions { Indented = true, NewLine = "\n" };
        using (var writer = new Utf8JsonWriter(stream, indented)) ReportJson.Write(writer, report);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The command-line program beside the tests.</summary>
    private static IReadOnlyList<string> Child() =>
        [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "flamingo-run.dll"), "bench"];

    private static void AssertGemm(JsonElement root, string key)
    {
        var ratios = root.GetProperty("ratios").GetProperty(key);
        foreach (var name in (string[])["13x70x129", "64x33x40", "geometric_mean"])
        {
            var ratio = ratios.GetProperty(name);
            if (ratio.ValueKind == JsonValueKind.Null) Assert.NotEmpty(root.GetProperty("reasons").GetProperty(key).GetString()!);
            else Assert.True(ratio.GetDouble() > 0);
        }
    }

    private static void AssertSamples(JsonElement samples)
    {
        var (least, most) = (samples.GetProperty("min").GetDouble(), samples.GetProperty("max").GetDouble());
        var median = samples.GetProperty("median").GetDouble();
        Assert.True(0 < least && least <= median && median <= most, $"{samples}");
        Assert.True(samples.GetProperty("n").GetInt32() >= 1);
    }
}
