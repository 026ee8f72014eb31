using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Tests.Models.Prompts;

public class PromptFileTests
{
    private static readonly IReadOnlyList<(string Name, string Json, string Expected)> Bad =
    [
        ("Empty", "", "not valid JSON"),
        ("NotJson", "<image>Output:", "not valid JSON"),
        ("NestedTooDeep", new string('[', 3000), "not valid JSON"),
        ("DuplicateKey", """{"task":"vqa","task":"vqa"}""", "not valid JSON"),
        ("JustText", "\"hello\"", "expected an object"),
        ("EmptyBatch", "[]", "the array of prompts is empty"),
        ("NestedBatch", "[[]]", "[0]: expected an object"),
        ("NeitherForm", "{}", "\"pieces\""),
        ("BothForms", """{"pieces":[{"text":"a"}],"task":"caption"}""", "unknown key \"task\""),
        ("OtherTask", """{"task":"translate","image":"a.png"}""", "\"translate\""),
        ("MisspeltKey", """{"task":"caption","imgae":"a.png"}""", "unknown key \"imgae\""),
        ("NoPieces", """{"pieces":[]}""", "pieces: the prompt has no pieces"),
        ("PieceOfBoth", """{"pieces":[{"text":"a","image":"b"}]}""", "pieces[0]: a piece has exactly one"),
        ("PieceOfNeither", """{"pieces":[{"text":"a"},{}]}""", "pieces[1]"),
        ("PieceIsText", """{"pieces":["a"]}""", "pieces[0]: expected an object, found a string"),
        ("TextIsNumber", """{"pieces":[{"text":5}]}""", "pieces[0].text: expected a string, found the number 5"),
        ("HalfSurrogate", """{"pieces":[{"text":"\ud800"}]}""", "pieces[0].text: a string that is no valid"),
        ("CaptionWithoutImage", """{"task":"caption"}""", "the key \"image\" is missing"),
        ("CaptionWithQuestion", """{"task":"caption","image":"a","question":"b"}""", "\"question\""),
        ("VqaWithoutQuestion", """{"task":"vqa","image":"a.png"}""", "the key \"question\" is missing"),
        ("VqaBlankQuestion", """{"task":"vqa","image":"a.png","question":"  "}""", "question: the question is empty"),
        ("ShotWithoutAnswer", """{"task":"vqa","image":"a","question":"b","shots":[{"question":"c"}]}""", "shots[0]"),
        ("ShotsNoArray", """{"task":"caption","image":"a","shots":{}}""", "shots: expected an array"),
        ("EmptyQuery", """{"task":"generate"}""", "needs an \"image\", a \"text\" or both"),
        ("ImageFromNetwork", """{"task":"caption","image":"https://example.com/a.png"}""", "network"),
        ("ImageEmpty", """{"task":"caption","image":""}""", "image: expected the path"),
        ("ImageWithNul", """{"task":"caption","image":"a\u0000b"}""", "image: expected the path"),
        ("DataNotBase64", """{"task":"caption","image":"data:image/png;base64,####"}""", "no valid base64"),
        ("DataEmpty", """{"task":"caption","image":"data:image/png;base64,"}""", "no valid base64"),
        ("DataPlain", """{"task":"caption","image":"data:text/plain,hello"}""", "must hold base64"),
        ("UnknownOption", """{"pieces":[{"text":"a"}],"options":{"temp":1}}""", "options: unknown key \"temp\""),
        ("TopPAboveOne", """{"pieces":[{"text":"a"}],"options":{"top_p":1.5}}""", "options.top_p"),
        ("NegativeTokens", """{"pieces":[{"text":"a"}],"options":{"max_new_tokens":-1}}""", "options.max_new_tokens"),
        ("PenaltyZero", """{"pieces":[{"text":"a"}],"options":{"repetition_penalty":0}}""", "above 0"),
        ("InfiniteTemperature", """{"pieces":[{"text":"a"}],"options":{"temperature":1e999}}""", "options.temperature"),
        ("EmptyStop", """{"pieces":[{"text":"a"}],"options":{"stop":[""]}}""", "options.stop[0]"),
    ];

    public static TheoryData<string> BadNames() => [.. Bad.Select(bad => bad.Name)];

    [Theory]
    [MemberData(nameof(BadNames))]
    public void Parse_BadFile_IsRefusedByFileAndPath(string name)
    {
        var (_, json, expected) = Bad.Single(bad => bad.Name == name);
        var error = Assert.Throws<InvalidFileException>(() => Parse(json));
        Assert.StartsWith("prompt.json: ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Parse_Pieces_KeepsOrderAndResolvesImages()
    {
        var request = Assert.Single(Parse("""
            {"pieces":[{"text":"<image>x "},{"image":"a/b.png"},{"text":"y"},{"end_of_chunk":true},
              {"image":"data:image/png;base64,AAEC"},{"text":"z"}],
             "options":{"max_new_tokens":7,"temperature":0.5,"stop":["\n"],"special":false}}
            """));
        Assert.Equal(PromptTask.Generate, request.Task);
        Assert.Equal("<image>x <image>y<|endofchunk|><image>z", request.Prompt.ToString());
        Assert.Equal(2, request.Prompt.ImageCount); // the first marker is text
        Assert.Equal(Path.GetFullPath("a/b.png", Folder), request.Images[0].Path);
        Assert.Null(request.Images[1].Path);
        Assert.Equal(new byte[] { 0, 1, 2 }, request.Images[1].Data.ToArray());
        Assert.Equal(7, request.Options.MaxNewTokens);
        Assert.Equal(0.5, request.Options.Temperature);
        Assert.Equal(["\n"], request.Options.Stop);
        Assert.False(request.Options.ParseSpecial);
        Assert.Null(request.Options.Seed);
    }

    [Fact]
    public void Parse_BatchOfTasks_MakesThePromptsOfTheTemplates()
    {
        var requests = Parse("""
            [{"task":"caption","shots":[{"image":"1.png","text":"A dog."}],"image":"2.png"},
             {"task":"vqa","shots":[{"question":"Q1?","answer":"no"}],"image":"3.png","question":"Q2?"},
             {"task":"generate","shots":[{"image":"4.png","text":"one"}],"text":"two"}]
            """);
        Assert.Equal(
            [
                "<image>Output:A dog.<|endofchunk|>\n<image>Output:",
                "Question:Q1? Short answer:no<|endofchunk|>\n<image>Question:Q2? Short answer:",
                "<image>one<|endofchunk|>two",
            ],
            requests.Select(request => request.Prompt.ToString()));
        Assert.Equal([2, 1, 1], requests.Select(request => request.Images.Count));
        Assert.All(requests, request => Assert.Equal(request.Prompt.ImageCount, request.Images.Count));
    }

    [Fact]
    public void Load_File_ResolvesAgainstItsFolderAndTakesAByteOrderMark()
    {
        var folder = Directory.CreateTempSubdirectory("prompt-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "p.json");
            File.WriteAllText(path, """{"task":"caption","image":"x.png"}""", new UTF8Encoding(true));
            var request = Assert.Single(PromptFile.Load(path));
            Assert.Equal(Path.Combine(folder, "x.png"), Assert.Single(request.Images).Path);
            Assert.Throws<InvalidFileException>(() => PromptFile.Load(Path.Combine(folder, "missing.json")));
            Assert.Throws<InvalidFileException>(() => PromptFile.Load(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Folder => Path.GetTempPath();

    private static IReadOnlyList<PromptRequest> Parse(string json) =>
        PromptFile.Parse(Encoding.UTF8.GetBytes(json), "prompt.json", Folder);
}
