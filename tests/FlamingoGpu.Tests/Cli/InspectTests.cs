using System.Text.Json;

namespace FlamingoGpu.Tests.Cli;

public class InspectTests
{
    /// <summary>The counts published for these models.</summary>
    [Theory]
    [InlineData("openflamingo-3b", "36,708,354", "881,000,496", "1,208,158,208", "102,973,440", "1,046,992,944", "2,559,117,360")]
    [InlineData("openflamingo-9b", "139,476,994", "1,115,815,952", "6,442,717,184", "205,946,880", "1,384,781,840", "8,131,465,232")]
    public void Inspect_PublishedShape_PrintsItsTotals(
        string name, string block, string gated, string language, string embedding, string trainable, string total)
    {
        var run = CliRun.Of("inspect", "--shape", name);
        Assert.Equal(0, run.Code);
        var rows = run.Output.Split('\n').ToList();
        AssertRow("vision", "303,966,208");
        AssertRow("resampler", "63,019,008");
        AssertRow("gated cross-attention", gated);
        AssertRow("  one of", block);
        AssertRow("language model", language);
        AssertRow("embedding", embedding);
        AssertRow("trainable", trainable);
        AssertRow("total", total);

        void AssertRow(string start, string figure) =>
            Assert.Contains(
                $" {figure} ", rows.First(row => row.StartsWith(start, StringComparison.Ordinal)) + " ", StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_PublishedShapeInBf16_HalvesTheMatrices()
    {
        var wide = CliRun.Of("inspect", "--shape", "openflamingo-3b", "--json").Json;
        var narrow = CliRun.Of("inspect", "--shape", "openflamingo-3b", "--json", "--dtype", "bf16").Json;
        Assert.Equal(4L * 2_559_117_360, wide.GetProperty("total_bytes").GetInt64());
        Assert.InRange(narrow.GetProperty("total_bytes").GetInt64(), 2L * 2_559_117_360, (long)(2.01 * 2_559_117_360));
        Assert.Equal(2_559_117_360, narrow.GetProperty("total_parameters").GetInt64());
    }

    [Fact]
    public void Inspect_Model_PlansWhatTheRequestTakes()
    {
        var plan = CliRun.Of("inspect", Paths.Tiny, "--json", "--ctx-size", "11", "--images", "3", "--num-beams", "2").Json.GetProperty("memory");
        Assert.Equal(
            2L * 4 * 3 * 11 * 96 * 2, plan.GetProperty("kv_cache_bytes").GetInt64()); // k and v, layers, beams and a spare row, tokens, width
        Assert.Equal(
            2L * 3 * 16 * 2 * 64 * 4, plan.GetProperty("media_key_value_bytes").GetInt64()); // blocks, media, latents, k and v, inner width
        Assert.Equal(11, plan.GetProperty("context").GetInt32());
        var text = CliRun.Of("inspect", "-m", Paths.Tiny).Output;
        Assert.Contains("vision.activation", text, StringComparison.Ordinal);
        Assert.Contains("kv cache", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4, "--dtype", "f32")]
    [InlineData(2, "--dtype", "f32", "--kv-cache", "f16")]
    [InlineData(4, "--kv-cache", "f32")]
    [InlineData(4, "--activations", "f32")]
    public void Inspect_KvCache_IsPlannedInTheTypeOfTheMatricesUnlessToldOtherwise(int elementBytes, params string[] options)
    {
        string[] arguments = ["inspect", Paths.Tiny, "--json", "--ctx-size", "11", "--images", "3", .. options];
        var plan = CliRun.Of(arguments).Json.GetProperty("memory");
        Assert.Equal(2L * 4 * 11 * 96 * elementBytes, plan.GetProperty("kv_cache_bytes").GetInt64());
        Assert.Equal(2L * 3 * 16 * 2 * 64 * 4, plan.GetProperty("media_key_value_bytes").GetInt64());
    }

    [Fact]
    public void Inspect_Quirk_ShowsInTheOptions()
    {
        var options = CliRun.Of("inspect", Paths.Tiny, "--json", "--quirk", "openclip-erf-gelu", "--quirk", "openclip-post-norm").Json.GetProperty("options");
        Assert.Equal("gelu_erf", options.GetProperty("vision.activation").GetString());
        Assert.True(options.GetProperty("vision.post_norm").GetBoolean());
    }

    [Theory]
    [InlineData("state-dict.pt")]
    [InlineData("sharded")]
    public void Inspect_TensorFile_ListsTensors(string name)
    {
        var run = CliRun.Of("inspect", Path.Combine(Paths.Fixture("torch"), name), "--json", "--stats");
        if (run.Code == 3)
        {
            var inner = Directory.GetFiles(Path.Combine(Paths.Fixture("torch"), name), "*.index.json").Single();
            run = CliRun.Of("inspect", inner, "--json", "--stats");
        }

        Assert.Equal(0, run.Code);
        var tensors = run.Json.GetProperty("tensors").EnumerateArray().ToList();
        Assert.NotEmpty(tensors);
        Assert.All(tensors, tensor => Assert.True(tensor.TryGetProperty("shape", out _)));
    }

    [Fact]
    public void Inspect_Stats_AreThoseOfTheNumbers()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("odd.safetensors");
        FlamingoGpu.Formats.SafetensorsWriter.Write(file,
        [
            FlamingoGpu.Formats.TensorToWrite.FromSingles("floats", [5], new[] { 1f, -2f, float.NaN, float.PositiveInfinity, 4f }),
            FlamingoGpu.Formats.TensorToWrite.FromBytes("bytes", FlamingoGpu.Core.DType.I8, [3], new byte[] { 255, 1, 3 }),
            FlamingoGpu.Formats.TensorToWrite.FromBytes("small", FlamingoGpu.Core.DType.F8E4M3, [2], new byte[] { 1, 2 }),
            FlamingoGpu.Formats.TensorToWrite.FromSingles("none", [0], Array.Empty<float>()),
        ]);
        var tensors = CliRun.Of("inspect", file, "--stats", "--json").Json.GetProperty("tensors").EnumerateArray().ToDictionary(tensor => tensor.GetProperty("name").GetString()!);
        Assert.Equal((-2, 4, 1, 2), Stats(tensors["floats"]));
        Assert.Equal((-1, 3, 1, 0), Stats(tensors["bytes"]));
        Assert.False(tensors["small"].TryGetProperty("min", out _));
        Assert.Equal(JsonValueKind.Null, tensors["none"].GetProperty("min").ValueKind);
        Assert.Contains("4 tensors, 10 elements", CliRun.Of("inspect", file).Output, StringComparison.Ordinal);

        static (double, double, double, int) Stats(JsonElement tensor) => (
            tensor.GetProperty("min").GetDouble(), tensor.GetProperty("max").GetDouble(), tensor.GetProperty("mean").GetDouble(),
            tensor.GetProperty("not_finite").GetInt32());
    }

    [Fact]
    public void Doctor_Json_NamesDevices()
    {
        var json = CliRun.Of("doctor", "--json").Json;
        Assert.Equal(Environment.ProcessorCount, json.GetProperty("cores").GetInt32());
        Assert.True(json.GetProperty("memory_bytes").GetInt64() > json.GetProperty("available_bytes").GetInt64() / 2);
        var devices = json.GetProperty("devices").EnumerateArray().ToDictionary(device => device.GetProperty("name").GetString()!);
        Assert.True(devices["cpu"].GetProperty("usable").GetBoolean());
        Assert.All(
            devices.Values, device => Assert.Equal(device.GetProperty("usable").GetBoolean(), device.GetProperty("missing").ValueKind == JsonValueKind.Null));
    }

    [Fact]
    public void Parity_FolderThatIsNoFixture_Is3()
    {
        var run = CliRun.Of("parity", Paths.Tiny, "--json");
        Assert.Equal(3, run.Code);
        Assert.Equal(JsonValueKind.Array, run.Json.ValueKind);
    }
}
