using System.Text;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

public sealed class BadIndexTests
{
    private static readonly Dictionary<string, BadFile> Files = new()
    {
        ["not-json"] = Index("{weight_map}", "not the JSON expected", offset: -1),
        ["empty"] = Index("", "not the JSON expected"),
        ["an-array"] = Index("[]", "holds an array", offset: 0),
        ["no-weight-map"] = Index("""{"metadata": {}}""", "'weight_map' is missing"),
        ["weight-map-is-a-list"] = Index("""{"weight_map": ["a"]}""", "'weight_map' is missing or no object"),
        ["weight-map-empty"] = Index("""{"weight_map": {}}""", "weight_map is empty"),
        ["shard-is-a-number"] = Index("""{"weight_map": {"a": 1}}""", "name as a string", "a"),
        ["tensor-named-twice"] = Index("""{"weight_map": {"a": "s.safetensors", "a": "s.safetensors"}}""", "the key 'a' is given twice", offset: 38),
        ["shard-missing"] = Index("""{"weight_map": {"a": "gone.safetensors"}}""", "'gone.safetensors', which is not in its folder", "a"),
        ["tensor-not-in-shard"] = Index(
            """{"weight_map": {"a": "s.safetensors", "b": "s.safetensors"}}""", "says this shard holds it", "b"),
        ["shard-damaged"] = Index("""{"weight_map": {"a": "damaged.safetensors"}}""", "damaged.safetensors", offset: -1),
        ["shard-is-neither-format"] = Index("""{"weight_map": {"a": "text.txt"}}""", "neither a safetensors file nor a torch ZIP"),
        ["shard-in-parent"] = Index("""{"weight_map": {"a": "../s.safetensors"}}""", "not a plain file name", "a"),
        ["shard-in-folder"] = Index("""{"weight_map": {"a": "sub/s.safetensors"}}""", "not a plain file name", "a"),
        ["shard-absolute"] = Index("""{"weight_map": {"a": "/etc/passwd"}}""", "not a plain file name", "a"),
        ["shard-with-backslash"] = Index("""{"weight_map": {"a": "..\\s.safetensors"}}""", "not a plain file name", "a"),
        ["shard-on-drive"] = Index("""{"weight_map": {"a": "C:s.safetensors"}}""", "not a plain file name", "a"),
        ["shard-with-zero-character"] = Index("""{"weight_map": {"a": "s\u0000"}}""", "not a plain file name", "a"),
        ["shard-is-parent"] = Index("""{"weight_map": {"a": ".."}}""", "not a plain file name", "a"),
        ["shard-name-empty"] = Index("""{"weight_map": {"a": ""}}""", "not a plain file name", "a"),
        ["shard-name-half-a-surrogate-pair"] = Index("""{"weight_map": {"a": "\udc00"}}""", "not valid Unicode"),
        ["tensor-name-half-a-surrogate-pair"] = Index("""{"weight_map": {"\udc00": "s.safetensors"}}""", "not valid Unicode"),
        ["too-many-shards"] = Index(
            "{\"weight_map\": {" + string.Join(',', Enumerable.Range(0, 10_001).Select(i => $"\"{i}\": \"s{i}\"")) + "}}",
            "at most 10000"),
        ["folder-without-weights"] = new(folder => folder.Path, "looked for model.safetensors, model.safetensors.index.json"),
        ["file-of-no-kind"] = new(folder => folder.Write("notes.txt", "hello, this is text"u8.ToArray()), "neither a safetensors file"),
        ["git-lfs-pointer"] = new(
            folder => folder.Write("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid"u8.ToArray()), "git lfs pull"),
        ["file-missing"] = new(folder => folder.File("gone.pt"), "does not exist"),
        ["index-missing"] = new(folder => folder.File("gone.index.json"), "cannot be read"),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_BadIndexOrFolder_IsRefusedByName(string name) => Files[name].Check(path => TensorSources.Open(path).Dispose());

    [Fact]
    public void Open_ShardsWithTensorsTheIndexDoesNotName_ShowsOnlyTheNamed()
    {
        using var folder = new TestFolder();
        WriteShards(folder);
        var path = folder.Write("model.safetensors.index.json", """{"weight_map": {"a": "s.safetensors"}}"""u8.ToArray());
        using var source = TensorSources.Open(path);
        Assert.Equal(["a"], source.Entries.Select(entry => entry.Name));
        Assert.False(source.TryGet("extra", out _));
    }

    private static BadFile Index(
        string json, string phrase, string? tensor = null, long? offset = null) =>
        new(folder =>
        {
            WriteShards(folder);
            return folder.Write("model.safetensors.index.json", Encoding.UTF8.GetBytes(json));
        }, phrase, tensor, offset);

    private static void WriteShards(TestFolder folder)
    {
        folder.Write("s.safetensors", TestSafetensors.File(
            $"{{{TestSafetensors.Tensor("a", "U8", "[3]", 0, 3)}, {TestSafetensors.Tensor("extra", "U8", "[2]", 3, 5)}}}", 5));
        folder.Write("damaged.safetensors", TestSafetensors.File("{}", 5));
        folder.Write("text.txt", "no weights in here"u8.ToArray());
    }
}
