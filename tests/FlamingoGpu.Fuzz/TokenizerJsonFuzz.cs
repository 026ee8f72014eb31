using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Fuzz;

public sealed class TokenizerJsonFuzz
{
    [Fact]
    public void Parse_DamagedTokenizerJson_OnlyInvalidFileEscapes()
    {
        var target = new DamagedText(
            "tokenizer-json", [ByteLevelSeed(), Encoding.UTF8.GetBytes(CharacterSeed)], ParseAndUse);
        Assert.True(target.Run() > 0);
    }

    /// <summary>A file that is accepted must also give a tokenizer that works.</summary>
    private static void ParseAndUse(byte[] bytes)
    {
        var tokenizer = new BpeTokenizer(TokenizerFile.Parse(bytes, "fuzz.json"));
        try
        {
            tokenizer.Decode(tokenizer.Encode("ab  abé<x> 😀 12 the circle", parseSpecial: true));
        }
        catch (InvalidRequestException)
        {
            // The damaged vocabulary cannot spell this text, and says so.
        }
    }

    private static byte[] ByteLevelSeed()
    {
        var letters = Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharOf((byte)value).ToString()).ToArray();
        var vocabulary = string.Join(',', letters.Select((letter, id) =>
            $"\"{(letter is "\"" or "\\" ? "\\" + letter : letter)}\":{id}"));
        return Encoding.UTF8.GetBytes($$$"""
            {"added_tokens":[{"id":258,"content":"<x>","special":true,"normalized":false,"lstrip":true},
             {"id":259,"content":"  ","normalized":true}],
             "normalizer":{"type":"NFC"},
             "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
               {"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]},
             "post_processor":{"type":"RobertaProcessing","sep":["b",66],"cls":["a",65]},
             "decoder":{"type":"ByteLevel"},
             "model":{"type":"BPE","vocab":{{{{vocabulary}}},"ab":256,"Ġab":257},"merges":["a b",["Ġ","ab"]]}}
            """);
    }

    private const string CharacterSeed = """
        {"version":"1.0","added_tokens":[{"id":0,"content":"<unk>","special":true}],
         "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},
           {"type":"Replace","pattern":{"String":" "},"content":"▁"},{"type":"Strip"},{"type":"Lowercase"}]},
         "pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true},
         "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"s","type_id":0}},
           {"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"s":{"ids":[1]}}},
         "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
           {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},
         "model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,"ignore_merges":true,
           "vocab":{"<unk>":0,"a":1,"b":2,"▁":3,"ab":4,"▁ab":5,"<0xC3>":6,"<0xA9>":7},"merges":["a b","▁ ab"]}}
        """;
}
