using FlamingoGpu.Models.Prompts;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Tests.Cli;

/// <summary>What generate, caption and vqa print.</summary>
public class AnsweringTests
{
    private static readonly string[] Lively = ["-n", "60", "--ignore-eos", "--temp", "1.2", "--seed", "7"];

    [Fact]
    public void Generate_BarePrompt_IsGenerate()
    {
        var bare = CliRun.Of("-m", Paths.Tiny, "a photo of", "-n", "8");
        Assert.Equal(0, bare.Code);
        Assert.Equal(CliRun.Tiny("generate", "-p", "a photo of", "-n", "8").Output, bare.Output);
        Assert.Equal("", bare.Error);
        Assert.NotEqual("\n", bare.Output);
    }

    [Fact]
    public void Generate_OnTerminal_DrawsProgressAndErasesIt()
    {
        var run = CliRun.OnTerminal("generate", "-m", Paths.Tiny, "a photo of", "-n", "8");
        Assert.Contains(" % of 2.0 MiB", run.Error, StringComparison.Ordinal);
        Assert.Contains("\r\e[K", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("with seed 59\n", run.Error, StringComparison.Ordinal); // the shipped weights are random: it says so
        Assert.Equal(CliRun.Tiny("generate", "a photo of", "-n", "8").Output, run.Output);
        Assert.Equal("", CliRun.OnTerminal("generate", "-m", Paths.Tiny, "a photo of", "--json").Error);
    }

    [Fact]
    public void Generate_Streaming_WritesPiecesThatJoinToTheText()
    {
        using var pieces = new PieceWriter();
        var run = CliRun.With(pieces, [], [], ["generate", "-m", Paths.Tiny, "hello", .. Lively]);
        Assert.Equal(0, run.Code);
        Assert.True(pieces.Pieces.Count > 30, $"{pieces.Pieces.Count} pieces");
        Assert.Equal("\n", pieces.Pieces[^1]);
        Assert.Equal(CliRun.Tiny("generate", ["hello", "--no-stream", .. Lively]).Output, string.Concat(pieces.Pieces));
    }

    [Fact]
    public void Generate_Json_HasTextIdsReasonUsageAndTimings()
    {
        var json = CliRun.Tiny("generate", ["hello", "--image", Paths.Photo, "--json", .. Lively]).Json;
        Assert.Equal(
            CliRun.Tiny("generate", ["hello", "--image", Paths.Photo, .. Lively]).Text, json.GetProperty("text").GetString());
        Assert.Equal("length", json.GetProperty("finish_reason").GetString());
        Assert.Equal(60, json.GetProperty("ids").GetArrayLength());
        Assert.Equal(60, json.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        var tokenizer = FlamingoTokenizer.Load(Paths.Tiny);
        Assert.Equal(
            1 + tokenizer.Encode("hello").Length, json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(
            json.GetProperty("text").GetString(),
            tokenizer.Decode([.. json.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]));
        Assert.True(json.GetProperty("timings").GetProperty("load_seconds").GetDouble() > 0);
        Assert.True(json.GetProperty("timings").GetProperty("peak_memory_bytes").GetInt64() > 1 << 20);
    }

    [Fact]
    public void Generate_SameSeed_SameTextForAnyThreads()
    {
        var one = CliRun.Tiny("generate", ["hello", "--image", Paths.Photo, "--threads", "1", .. Lively]);
        var two = CliRun.Tiny("generate", ["hello", "--image", Paths.Photo, "--threads", "2", .. Lively]);
        var other = CliRun.Tiny("generate", ["hello", "--image", Paths.Photo, "-n", "60", "--ignore-eos", "--temp", "1.2", "-s", "8"]);
        Assert.Equal(one, two);
        Assert.NotEqual(one.Output, other.Output);
    }

    [Fact]
    public void Generate_OtherPicture_OtherText()
    {
        var photo = CliRun.Tiny("caption", Paths.Photo, "--ignore-eos");
        var drawing = CliRun.Tiny("caption", Paths.Drawing, "--ignore-eos");
        Assert.NotEqual(photo.Output, drawing.Output);
    }

    [Fact]
    public void Generate_StopText_CutsBeforeIt()
    {
        var whole = CliRun.Tiny("generate", ["hello", .. Lively]).Text;
        var stop = whole[20..24];
        var run = CliRun.Tiny("generate", ["hello", "--json", "--stop", "no such text", "--stop", stop, .. Lively]);
        Assert.Equal("stop_text", run.Json.GetProperty("finish_reason").GetString());
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], run.Json.GetProperty("text").GetString());
        Assert.Equal(
            run.Json.GetProperty("text").GetString(), CliRun.Tiny("generate", ["hello", "--stop", stop, .. Lively]).Text);
    }

    [Fact]
    public void Generate_PromptAndImageFromInput_AreRead()
    {
        var expected = CliRun.Tiny("generate", "what is it", "--image", Paths.Photo).Output;
        Assert.Equal(
            expected, CliRun.With(CliRun.Utf8("what is it\n"), [], "generate", "-m", Paths.Tiny, "-p", "-", "--image", Paths.Photo).Output);
        Assert.Equal(
            expected, CliRun.With(File.ReadAllBytes(Paths.Photo), [], "generate", "-m", Paths.Tiny, "what is it", "--image", "-").Output);
        var data = $"data:image/jpeg;base64,{Convert.ToBase64String(File.ReadAllBytes(Paths.Photo))}";
        Assert.Equal(expected, CliRun.Tiny("generate", "what is it", "--image", data).Output);
        var twice = CliRun.With([], [], "generate", "-m", Paths.Tiny, "-", "--image", "-");
        Assert.Equal(2, twice.Code);
    }

    [Fact]
    public void Generate_Marker_PlacesThePicture()
    {
        var first = CliRun.Tiny("generate", "<image>a b", "--image", Paths.Photo);
        Assert.Equal(first, CliRun.Tiny("generate", "a b", "--image", Paths.Photo));
        Assert.NotEqual(first.Output, CliRun.Tiny("generate", "a<image> b", "--image", Paths.Photo).Output);
    }

    [Fact]
    public void Generate_Shots_AreThePromptWrittenOut()
    {
        var shots =
            CliRun.Tiny("generate", "A", "--shot", $"{Paths.Drawing}::A line.", "--image", Paths.Photo, "-n", "12");
        var written = CliRun.Tiny(
            "generate", "<image>A line.<|endofchunk|><image>A", "--special", "--image", Paths.Drawing, "--image", Paths.Photo, "-n", "12");
        Assert.Equal(0, shots.Code);
        Assert.Equal(written, shots);
        Assert.NotEqual(shots.Output, CliRun.Tiny("generate", "A", "--image", Paths.Photo, "-n", "12").Output);
    }

    [Fact]
    public void Caption_Shots_AreTheCaptioningPrompt()
    {
        var caption = CliRun.Tiny("caption", Paths.Photo, "--shot", $"{Paths.Drawing}:: a line ", "--json");
        var written = CliRun.Tiny(
            "generate", "<image>Output:a line<|endofchunk|>\n<image>Output:", "--special", "--image", Paths.Drawing, "--image", Paths.Photo, "--json");
        Assert.Equal(
            written.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), caption.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(
            CaptionAnswer.Clean(written.Json.GetProperty("text").GetString()!), caption.Json.GetProperty("text").GetString());
        Assert.Equal("caption", caption.Json.GetProperty("task").GetString());
    }

    [Fact]
    public void Vqa_Shots_AreTheQuestionPrompt()
    {
        var answer = CliRun.Tiny("vqa", "What?", "--image", Paths.Photo, "--shot", $"{Paths.Drawing}::Which?::a "
            + "line", "--json");
        var written = CliRun.Tiny(
            "generate", "<image>Question:Which? Short answer:a line<|endofchunk|>\n<image>Question:What? Short "
                + "answer:", "--special",
            "--image", Paths.Drawing, "--image", Paths.Photo, "--json", "-n", "5");
        Assert.Equal(
            VqaAnswer.Clean(written.Json.GetProperty("text").GetString()!), answer.Json.GetProperty("text").GetString());
        Assert.Equal(
            written.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), answer.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public void Caption_Beams_PrintsTheBest()
    {
        var run = CliRun.Tiny("caption", Paths.Photo, "--num-beams", "3", "--length-penalty", "0", "--json");
        Assert.Equal(0, run.Code);
        Assert.True(run.Json.GetProperty("ids").GetArrayLength() > 0);
    }

    [Fact]
    public void PromptFile_Batch_EqualsEachAlone()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Paths.Photo, folder.File("photo.jpg"));
        File.Copy(Paths.Drawing, folder.File("drawing.png"));
        string[] requests =
        [
            """{"task":"caption","image":"photo.jpg"}""",
            """{"task":"caption","shots":[{"image":"drawing.png","text":"a longer caption than the other one"}],"image":"photo.jpg"}""",
            """{"task":"vqa","image":"drawing.png","question":"What?"}""",
            """{"pieces":[{"text":"no picture"}],"options":{"max_new_tokens":7}}""",
            """{"task":"generate","text":"warm","options":{"temperature":1.5,"seed":3,"stop":["qq"]}}""",
        ];
        var batch = folder.Write("batch.json", $"[{string.Join(',', requests)}]");
        var together = CliRun.Tiny("generate", "--prompt-file", batch, "--json").Json.EnumerateArray().ToList();
        Assert.Equal(requests.Length, together.Count);
        for (var i = 0; i < requests.Length; i++)
        {
            var alone = CliRun.Tiny("generate", "--prompt-file", folder.Write("one.json", requests[i]), "--json").Json.EnumerateArray().Single();
            foreach (var name in new[] { "text", "ids", "finish_reason", "usage", "task" })
                Assert.Equal(alone.GetProperty(name).GetRawText(), together[i].GetProperty(name).GetRawText());
        }

        Assert.Equal(7, together[3].GetProperty("ids").GetArrayLength());
        var lines = CliRun.Tiny("generate", "--prompt-file", batch).Output;
        Assert.Equal(string.Concat(together.Select(answer => answer.GetProperty("text").GetString() + "\n")), lines);
    }

    [Fact]
    public void Score_Continuations_AreRanked()
    {
        var run = CliRun.Tiny("score", "<image>Output:", "--image", Paths.Photo, "--continuation", " cat", "--continuation", "zzz qqq", "--json");
        var ranked = run.Json.GetProperty("continuations").EnumerateArray().ToList();
        Assert.Equal(2, ranked.Count);
        Assert.True(ranked[0].GetProperty("mean").GetDouble() >= ranked[1].GetProperty("mean").GetDouble());
        foreach (var item in ranked)
        {
            var sum = item.GetProperty("log_probabilities").EnumerateArray().Sum(value => value.GetDouble());
            Assert.Equal(sum, item.GetProperty("sum").GetDouble(), 1e-9);
            Assert.Equal(sum / item.GetProperty("ids").GetArrayLength(), item.GetProperty("mean").GetDouble(), 1e-9);
        }

        var bySum =
            CliRun.Tiny("score", "Output:", "--continuation", " cat", "--continuation", "zzz qqq", "--rank-by", "sum");
        Assert.Equal(0, bySum.Code);
        Assert.Equal(3, bySum.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Tokenize_AndBack_IsTheText()
    {
        const string text = "a red circle 😀";
        var ids = CliRun.Tiny("tokenize", text);
        Assert.Equal(0, ids.Code);
        Assert.Equal(text, CliRun.Tiny("tokenize", "--decode", ids.Text).Text);
        Assert.Equal(text, CliRun.Tiny("tokenize", text, "--json").Json.GetProperty("text").GetString());
        Assert.Single(
            CliRun.Tiny("tokenize", "<image>", "--special", "--json").Json.GetProperty("ids").EnumerateArray());
        Assert.NotEqual(1, CliRun.Tiny("tokenize", "<image>", "--json").Json.GetProperty("ids").GetArrayLength());
    }

    /// <summary>Remembers every write on its own.</summary>
    private sealed class PieceWriter : StringWriter
    {
        public List<string> Pieces { get; } = [];

        public override void Write(string? value)
        {
            Pieces.Add(value!);
            base.Write(value);
        }
    }
}
