using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Tests.Models.Tokenization;

namespace FlamingoGpu.Tests.Formats.Tokenizer;

public class TokenizerFileTests
{
    public static TheoryData<string> BadNames() => [.. BadTokenizerFiles.All.Select(bad => bad.Name)];

    [Theory]
    [MemberData(nameof(BadNames))]
    public void Parse_BadFile_IsRefusedByFileAndKey(string name)
    {
        var (_, json, expected) = BadTokenizerFiles.All.Single(bad => bad.Name == name);
        var bytes = Encoding.UTF8.GetBytes(json);
        var error = Assert.Throws<InvalidFileException>(() => TokenizerFile.Parse(bytes, "bad.json"));
        Assert.StartsWith("bad.json: ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Parse_BrokenUtf8InAToken_IsRefused()
    {
        byte[] json = [.. "{\"model\":{\"vocab\":{\"a\":0,\""u8, 0xC3, 0x28, .. "\":1},\"merges\":[]}}"u8];
        Assert.Throws<InvalidFileException>(() => TokenizerFile.Parse(json, "bad.json"));
    }

    [Fact]
    public void Load_MissingFileOrEmptyFolder_NamesThePath()
    {
        using var folder = new TokenizerFolder(TokenizerFile.Load(TokenizerGoldens.ShippedPath));
        var missing = Path.Combine(folder.Path, "nothing.json");
        Assert.Contains(missing, Assert.Throws<InvalidFileException>(() => TokenizerFile.Load(missing)).Message);
        var empty = Directory.CreateDirectory(Path.Combine(folder.Path, "empty")).FullName;
        Assert.Contains("merges.txt", Assert.Throws<InvalidFileException>(() => TokenizerFile.Load(empty)).Message);
    }

    [Theory]
    [InlineData("merges.txt", "#version: 0.2\na b c\n", "line 2")]
    [InlineData("merges.txt", "a zzzz\n", "zzzz")]
    [InlineData("added_tokens.json", """{"<image>": 0}""", "belongs to")]
    [InlineData("special_tokens_map.json", """{"unk_token": "nowhere"}""", "nowhere")]
    [InlineData("tokenizer_config.json", """{"added_tokens_decoder": {"x": {"content": "y"}}}""", "token id")]
    [InlineData("tokenizer_config.json", """{"add_prefix_space": 1}""", "add_prefix_space")]
    [InlineData("vocab.json", """{"a": 0}""", "zz")]
    public void Load_BadGpt2Folder_NamesTheProblem(string file, string content, string expected)
    {
        using var folder = new TokenizerFolder(TokenizerFile.Load(TokenizerGoldens.ShippedPath));
        if (file == "vocab.json") folder.Write("merges.txt", "zz a\n");
        folder.Write(file, content);
        var error = Assert.Throws<InvalidFileException>(() => TokenizerFile.Load(folder.Path));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Load_Gpt2FolderWithoutMerges_NamesMerges()
    {
        using var folder = new TokenizerFolder(TokenizerFile.Load(TokenizerGoldens.ShippedPath));
        File.Delete(Path.Combine(folder.Path, "merges.txt"));
        var error = Assert.Throws<InvalidFileException>(() => TokenizerFile.Load(folder.Path));
        Assert.Contains("merges.txt", error.Message);
    }

    [Fact]
    public void ByteAlphabet_EveryByte_ComesBack()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        var text = ByteAlphabet.Write(all);
        Assert.Equal(256, text.Distinct().Count());
        Assert.Equal('Ġ', text[' ']);
        Assert.Equal('Ċ', text['\n']);
        Assert.Equal(all, ByteAlphabet.TryRead(text));
        Assert.Null(ByteAlphabet.TryRead("a b"));
    }
}
