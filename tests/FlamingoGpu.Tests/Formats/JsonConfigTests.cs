using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

public sealed class JsonConfigTests
{
    private static readonly Dictionary<string, BadFile> Files = new()
    {
        ["missing-file"] = new(folder => folder.File("config.json"), "cannot be read"),
        ["a-folder"] = new(folder => folder.Path, "cannot be read"),
        ["too-large"] = new(folder => Sparse(folder, (16 * 1024 * 1024) + 1), "at most 16777216"),
        ["empty"] = Bad("", "not the JSON expected", 0),
        ["blank"] = Bad("  \n ", "not the JSON expected", -1),
        ["an-array"] = Bad("[1]", "holds an array", 0),
        ["a-number"] = Bad("5", "holds a number", 0),
        ["cut-off"] = Bad("""{"layers": 2""", "not the JSON expected", -1),
        ["trailing-comma"] = Bad("{\"a\": 1,\n}", "not the JSON expected", 9),
        ["comment"] = Bad("{} // no", "not the JSON expected", 3),
        ["python-constants"] = Bad("""{"a": NaN}""", "not the JSON expected", 6),
        ["key-twice"] = Bad("""{"layers": 2, "layers": 3}""", "the key 'layers' is given twice", -1),
        ["nested-key-twice"] = Bad("""{"v": {"layers": 2, "layers": 3}}""", "the key 'layers' is given twice", -1),
        ["nested-too-deep"] = Bad(new string('[', 65) + new string(']', 65), "depth", -1),
        ["not-utf8"] = new(folder => folder.Write("config.json", [(byte)'{', 0xC0, 0x80, (byte)'}']), "not UTF-8"),
        ["utf16"] = new(folder => folder.Write("config.json", Encoding.Unicode.GetBytes("""{"a": "é"}""")), "not"),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_BadFile_IsRefusedByName(string name) => Files[name].Check(path => JsonConfig.Load(path));

    [Fact]
    public void Getters_RightTypes_GiveTheValues()
    {
        var config = Parse("""
            {"int": -7, "double": 1e-05, "whole": 3, "bool": true, "string": "caf\u00e9 \ud83e\udda9", "null": null,
             "object": {"inner": 1}, "size": 224, "pair": [224, 336], "ints": [1, 2], "doubles": [0.5, 1], "strings": ["a"]}
            """);
        Assert.Equal(-7, config.Int("int"));
        Assert.Equal(9, config.Int("absent", 9));
        Assert.Equal(9, config.Int("null", 9));
        Assert.Equal(1e-5, config.Double("double"));
        Assert.Equal(3.0, config.Double("whole"));
        Assert.Equal(0.5, config.Double("absent", 0.5));
        Assert.True(config.Bool("bool"));
        Assert.True(config.Bool("absent", true));
        Assert.Equal("café 🦩", config.String("string"));
        Assert.Equal("x", config.String("absent", "x"));
        Assert.Null(config.OptionalString("null"));
        Assert.Equal(1, config.Object("object").Int("inner"));
        Assert.Null(config.OptionalObject("null"));
        Assert.Equal((224, 224), config.IntOrPair("size"));
        Assert.Equal((224, 336), config.IntOrPair("pair"));
        Assert.Equal([1, 2], config.Ints("ints"));
        Assert.Equal([0.5, 1.0], config.Doubles("doubles"));
        Assert.Equal(["a"], config.Strings("strings"));
        Assert.True(config.Has("int"));
        Assert.False(config.Has("null"));
        Assert.False(config.Has("absent"));
    }

    [Theory]
    [InlineData("int", "key 'v.text': expected an integer of 32 bits, found \"2\"")]
    [InlineData("fraction", "key 'v.half': expected an integer of 32 bits, found 0.5")]
    [InlineData("large", "key 'v.large': expected an integer of 32 bits, found 2147483648")]
    [InlineData("infinite", "key 'v.infinite': expected a finite number, found 1e999")]
    [InlineData("bool", "key 'v.one': expected true or false, found 1")]
    [InlineData("string", "key 'v.one': expected a string, found 1")]
    [InlineData("object", "key 'v.list': expected an object, found an array")]
    [InlineData("pair", "key 'v.list': expected an integer or an array [height, width], found an array")]
    [InlineData("pair-of-text", "key 'v.text': expected an integer or an array [height, width], found \"2\"")]
    [InlineData("ints", "key 'v.list[2]': expected an integer of 32 bits, found \"x\"")]
    [InlineData("missing", "key 'v.gone' is missing; expected an integer")]
    [InlineData("null", "key 'v.none' is missing; expected a string")]
    [InlineData("broken-text", "key 'v.broken': the text is not valid Unicode")]
    public void Getters_WrongTypes_NameFileKeyAndExpectation(string what, string expected)
    {
        var config = Parse("""
            {"v": {"text": "2", "half": 0.5, "large": 2147483648, "infinite": 1e999, "one": 1, "list": [1, 2, "x"],
                   "none": null, "broken": "\ud800"}}
            """).Object("v");
        var error = Assert.Throws<InvalidFileException>(() => _ = what switch
        {
            "int" => config.Int("text"),
            "fraction" => config.Int("half"),
            "large" => config.Int("large"),
            "infinite" => config.Double("infinite"),
            "bool" => config.Bool("one"),
            "string" => config.String("one"),
            "object" => config.Object("list"),
            "pair" => config.IntOrPair("list"),
            "pair-of-text" => config.IntOrPair("text"),
            "ints" => config.Ints("list"),
            "missing" => config.Int("gone"),
            "broken-text" => config.String("broken"),
            _ => (object)config.String("none"),
        });
        Assert.StartsWith($"test.json: {expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnreadKeys_AfterSomeReads_NamesTheOthersWithTheirPath()
    {
        var config = Parse("""{"a": 1, "v": {"b": 1, "c": null}, "d": {"e": 1}, "f": null}""");
        config.Int("a");
        config.Object("v").Int("b");
        config.Has("f");
        Assert.Equal(["d", "v.c"], config.UnreadKeys);
    }

    [Fact]
    public void Load_GoldenConfigs_AreRead()
    {
        var vision = JsonConfig.Load(GoldenFolder.File("openflamingo-mpt1b", "vision", "open_clip_config.json"));
        Assert.True(vision.Object("model_cfg").Object("vision_cfg").Int("layers") > 0);
        Assert.EndsWith("open_clip_config.json", vision.Path, StringComparison.Ordinal);
    }

    private static JsonConfig Parse(string json) => JsonConfig.Parse("test.json", Encoding.UTF8.GetBytes(json));

    private static BadFile Bad(string json, string phrase, long? offset) =>
        BadFile.Of(Encoding.UTF8.GetBytes(json), phrase, null, offset, "config.json");

    private static string Sparse(TestFolder folder, long length)
    {
        using var file = File.Create(folder.File("config.json"));
        file.SetLength(length);
        return file.Name;
    }
}
