using FlamingoGpu.Formats;
using FlamingoGpu.Core;

namespace FlamingoGpu.Tests.Cli;

/// <summary>Every class of error has its exit code, one "error:" line, and no stack.</summary>
public class ExitCodeTests
{
    public static TheoryData<string, string[]> WrongUsage => new()
    {
        { "unknown option '--imagee'", ["generate", "--imagee"] },
        { "Required argument missing", ["generate", "--temp"] },
        { "--temp is 'warm'; expected a number", ["generate", "x", "--temp", "warm"] },
        { "--top-k is -1", ["generate", "x", "--top-k", "-1"] },
        { "--top-k is 'many'", ["generate", "x", "--top-k", "many"] },
        { "--seed is '-1'", ["generate", "x", "--seed", "-1"] },
        { "--num-beams is 65", ["generate", "x", "--num-beams", "65"] },
        { "--num-beams 2 and --temp 1", ["generate", "x", "--num-beams", "2", "--temp", "1"] },
        { "--dtype is 'f8'", ["generate", "x", "-m", ".", "--dtype", "f8"] },
        { "--max-memory is 'lots'", ["generate", "x", "-m", ".", "--max-memory", "lots"] },
        { "--set is 'nonsense'", ["generate", "x", "-m", ".", "--set", "nonsense"] },
        { "no model option 'vision.wdith'", ["generate", "x", "-m", ".", "--set", "vision.wdith=3"] },
        { "no quirk 'of-nothing'", ["generate", "x", "-m", ".", "--quirk", "of-nothing"] },
        { "no prompt", ["generate"] },
        { "no model", ["generate", "x"] },
        { "no model", ["generate", "x", "--vision", "v"] },
        { "given twice", ["generate", "x", "--prompt", "y"] },
        { "--video is not supported", ["generate", "x", "--video", "clip.mp4"] },
        { "--shot is 'nothing'", ["generate", "x", "--shot", "nothing"] },
        { "IMAGE::QUESTION::ANSWER", ["vqa", "x", "--image", "i", "--shot", "a::b"] },
        { "no question", ["vqa", "--image", "i"] },
        { "of one picture, 0", ["caption"] },
        { "of one picture, 2", ["caption", "a.jpg", "--image", "b.jpg"] },
        { "not fetched from the network", ["caption", "https://example.org/cat.jpg"] },
        { "no valid base64", ["caption", "data:image/png;base64,@@@"] },
        { "--kv-cache has no meaning for bench on 'virtual'", ["bench", "--device", "virtual", "--kv-cache", "f32"] },
        { "bench on 'idle' measures bf16, not f32", ["bench", "--device", "idle", "--dtype", "f32"] },
        { "at least one --continuation", ["score", "x"] },
        { "--rank-by is 'luck'", ["score", "x", "--continuation", "y", "--rank-by", "luck"] },
        { "no published shape", ["inspect", "--shape", "openflamingo-900b"] },
        { "config has one action", ["config"] },
        { "convert takes", ["convert"] },
        { "ends in .safetensors", ["convert", "a.pt", "b.bin"] },
        { "no folder", ["tiny"] },
        { "which shell", ["completions"] },
        { "no completions for 'tcsh'", ["completions", "tcsh"] },
        { "exclude each other", ["generate", "x", "-m", ".", "--vision", "v"] },
        {
            "activations in bf16 are not possible on 'cpu'",
            ["generate", "x", "-m", Paths.Tiny, "--activations", "bf16", "--kv-cache", "f32"]
        },
        {
            "a kv cache in f16 is not possible beside activations in bf16",
            ["inspect", Paths.Tiny, "--activations", "bf16", "--kv-cache", "f16"]
        },
        { "exclude each other", ["generate", "x", "--prompt-file", "f.json"] },
    };

    [Theory]
    [MemberData(nameof(WrongUsage))]
    public void Run_WrongUsage_Is2(string message, string[] arguments)
    {
        var run = CliRun.Of(arguments);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Output));
        AssertPlain(run);
    }

    [Theory]
    [InlineData("2 <image> markers", "<image> and <image>")]
    [InlineData("the model's context is 512", "x", "-n", "600")]
    [InlineData("the model's context is 512", "x", "-n", "2147483647")]
    [InlineData("the model's context is 512", "a photo of a dog", "-n", "510")]
    [InlineData("the model's context is 9", "a photo of a dog", "-c", "9", "-n", "7")]
    public void Run_ImpossibleRequest_Is2(string message, params string[] arguments)
    {
        var run = CliRun.Tiny("generate", [.. arguments, "--image", Paths.Photo]);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Output));
        AssertPlain(run);
    }

    [Fact]
    public void Run_OutputCannotBeWritten_Is1()
    {
        using var full = new FullDisk();
        var run = CliRun.With(full, [], [], "generate", "-m", Paths.Tiny, "x");
        Assert.Equal((1, "error: no space left\n"), (run.Code, run.Error));
    }

    [Fact]
    public void Run_MissingOrDamagedFiles_Is3()
    {
        using var folder = new TemporaryFolder();
        var torn = folder.File("torn.jpg");
        File.WriteAllBytes(torn, File.ReadAllBytes(Paths.Photo)[..300]);
        Directory.CreateDirectory(folder.File("tiny"));
        foreach (var file in Directory.GetFiles(Paths.Tiny)) File.Copy(file, Path.Combine(folder.File("tiny"), Path.GetFileName(file)));
        using (var weights = File.Open(Path.Combine(folder.File("tiny"), "model.safetensors"), FileMode.Open)) weights.SetLength(weights.Length - 1);

        foreach (var (message, arguments) in new (string, string[])[]
        {
            ("no such folder", ["caption", "-m", folder.File("nothing"), Paths.Photo]),
            ("is no model folder", ["caption", "-m", folder.Path, Paths.Photo]),
            ("nothing.jpg", ["caption", "-m", Paths.Tiny, folder.File("nothing.jpg")]),
            ("torn.jpg", ["caption", "-m", Paths.Tiny, torn]),
            ("model.safetensors", ["caption", "-m", folder.File("tiny"), Paths.Photo]),
            ("nothing.json", ["generate", "-m", Paths.Tiny, "--prompt-file", folder.File("nothing.json")]),
            ("a prompt needs", ["generate", "-m", Paths.Tiny, "--prompt-file", folder.Write("odd.json", """{"prompt":"x"}""")]),
            ("is no option", ["generate", "-m", Paths.Tiny, "x", "--config", folder.Write("config.json", """{"temperature":1}""")]),
            ("not valid JSON", ["generate", "-m", Paths.Tiny, "x", "--config", folder.Write("bad.json", "{")]),
            ("neither a safetensors file", ["inspect", folder.Write("text.txt", "this is no tensor file at all")]),
            ("text.pt", ["convert", folder.Write("text.pt", "this is no tensor file at all"), folder.File("out.safetensors")]),
        })
        {
            var run = CliRun.Of(arguments);
            Assert.Contains(message, run.Error, StringComparison.Ordinal);
            Assert.Equal((3, ""), (run.Code, run.Output));
            AssertPlain(run);
        }

        Assert.False(File.Exists(folder.File("out.safetensors")));
    }

    [Fact]
    public void Run_UnsupportedLanguageModel_Is3()
    {
        var fixture = Paths.Fixture("openflamingo-opt");
        var run = CliRun.Of(
            "generate", "x", "--vision", $"{fixture}/vision", "--lm", $"{fixture}/lm", "--checkpoint", $"{fixture}/checkpoint.pt");
        Assert.Equal(3, run.Code);
        Assert.Contains("not supported yet", run.Error, StringComparison.Ordinal);
        AssertPlain(run);
    }

    [Fact]
    public void Run_NoSuchDevice_Is4()
    {
        var run = CliRun.Tiny("generate", "x", "--device", "abacus");
        Assert.Equal((4, ""), (run.Code, run.Output));
        Assert.Contains("abacus", run.Error, StringComparison.Ordinal);
        AssertPlain(run);
    }

    [Theory]
    [InlineData("weights alone", "1.5M")]
    [InlineData("weights and context", "3MiB", "-c", "4000")]
    [InlineData("weights and beams", "3MiB", "-n", "400", "--num-beams", "20")]
    public void Run_MoreThanTheMemory_Is4WithFigures(string what, string memory, params string[] arguments)
    {
        var run = CliRun.Tiny("generate", ["x", "--max-memory", memory, .. arguments]);
        Assert.Equal((4, "", what), (run.Code, run.Output, what));
        Assert.Contains("weights 2.0 MiB", run.Error, StringComparison.Ordinal);
        Assert.Contains("are available", run.Error, StringComparison.Ordinal);
        AssertPlain(run);
    }

    [Fact]
    public void Run_NaNInWeights_Is1UnlessUnchecked()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Paths.Tiny)) File.Copy(file, folder.File(Path.GetFileName(file)));
        long offset;
        using (var source = TensorSources.Open(folder.Path))
        {
            Assert.True(source.TryGet("perceiver.norm.weight", out var entry));
            Assert.Equal(DType.F32, entry.DType);
            offset = entry.Offset;
        }

        using (var stream = File.OpenWrite(folder.File("model.safetensors")))
        {
            stream.Position = offset + 8;
            stream.Write(BitConverter.GetBytes(float.NaN));
        }

        // A plan that does not fit is refused before any weight is looked at.
        Assert.Equal(4, CliRun.Of("caption", "-m", folder.Path, Paths.Photo, "--max-memory", "1M").Code);

        var run = CliRun.Of("caption", "-m", folder.Path, Paths.Photo);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("perceiver.norm.weight", run.Error, StringComparison.Ordinal);
        Assert.Contains("element 2", run.Error, StringComparison.Ordinal);
        AssertPlain(run);

        // Unchecked weights are found by the results instead.
        run = CliRun.Of("caption", "-m", folder.Path, Paths.Photo, "--no-check-weights");
        Assert.Equal(1, run.Code);
        Assert.Contains("must be finite", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Help_Is0AndHasExamples()
    {
        foreach (var verb in FlamingoGpu.Cli.CliApplication.Verbs)
        {
            var run = CliRun.Of(verb.Name, "--help");
            Assert.Equal((0, ""), (run.Code, run.Error));
            Assert.Contains($"Examples:\n  flamingo-run {verb.Examples[0]}", run.Output, StringComparison.Ordinal);
        }

        Assert.Contains("caption", CliRun.Of("--help").Output, StringComparison.Ordinal);
        Assert.Equal(0, CliRun.Of("--version").Code);
    }

    private sealed class FullDisk : StringWriter
    {
        public override void Write(string? value) => throw new IOException("no space left");
    }

    private static void AssertPlain(CliRun run)
    {
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("should not happen", run.Error, StringComparison.Ordinal);
    }
}
