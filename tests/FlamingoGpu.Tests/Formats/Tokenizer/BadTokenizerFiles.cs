namespace FlamingoGpu.Tests.Formats.Tokenizer;

/// <summary>Named bad tokenizer files, each with the words its error must hold.</summary>
internal static class BadTokenizerFiles
{
    private const string Model = """
        "model":{"type":"BPE","unk_token":"a","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}
        """;

    private const string Doubling = """{"type":"Replace","pattern":{"String":"a"},"content":"aa"}""";
    private const string Digits = """{"type":"Digits"}""";

    public static readonly IReadOnlyList<(string Name, string Json, string Expected)> All =
    [
        ("Empty", "", "not valid JSON"),
        ("NotJson", "vocab: 1", "not valid JSON"),
        ("CutShort", """{"model":{"type":"BPE","vocab":{"a":0""", "not valid JSON"),
        ("TrailingText", "{" + Model + "} x", "not valid JSON"),
        ("NestedTooDeep", new string('[', 5000), "not valid JSON"),
        ("DuplicateKey", """{"model":{},"model":{}}""", "not valid JSON"),
        ("ArrayInsteadOfObject", "[]", "expected an object"),
        ("NoModel", "{}", "the key \"model\" is missing"),
        ("ModelIsText", """{"model":"BPE"}""", "model: expected an object, found a string"),
        ("Unigram", """{"model":{"type":"Unigram","vocab":[]}}""", "\"Unigram\""),
        ("Dropout", """{"model":{"dropout":0.1,"vocab":{"a":0},"merges":[]}}""", "model.dropout: dropout"),
        ("EndOfWordSuffix", """{"model":{"end_of_word_suffix":"</w>","vocab":{"a":0},"merges":[]}}""", "</w>"),
        ("NoVocabulary", """{"model":{"merges":[]}}""", "model: the key \"vocab\" is missing"),
        ("EmptyVocabulary", """{"model":{"vocab":{},"merges":[]}}""", "model.vocab: the vocabulary is empty"),
        ("NegativeId", """{"model":{"vocab":{"a":-1},"merges":[]}}""", "model.vocab.a: expected a whole number"),
        ("FractionalId", """{"model":{"vocab":{"a":0.5},"merges":[]}}""", "model.vocab.a: expected a whole number"),
        ("HugeId", """{"model":{"vocab":{"a":99999999999},"merges":[]}}""", "99999999999"),
        ("LargestInteger", """{"model":{"vocab":{"a":2147483647},"merges":[]}}""", "from 0 to 16777215"),
        ("AddedTokenHugeId", """{"added_tokens":[{"id":2147483647,"content":"x"}],""" + Model + "}", "16777215"),
        ("IdTwice", """{"model":{"vocab":{"a":0,"b":0},"merges":[]}}""", "the same id 0"),
        ("HalfSurrogateToken", """{"model":{"vocab":{"\ud800":0},"merges":[]}}""", "surrogate"),
        ("MergesMissing", """{"model":{"vocab":{"a":0}}}""", "the key \"merges\" is missing"),
        ("MergeOfThree", """{"model":{"vocab":{"a":0},"merges":["a a a"]}}""", "model.merges[0]"),
        ("MergeListOfThree", """{"model":{"vocab":{"a":0},"merges":[["a","a","a"]]}}""", "expected two tokens"),
        ("MergeOfNumbers", """{"model":{"vocab":{"a":0},"merges":[[1,2]]}}""", "model.merges[0][0]: expected a string"),
        ("MergeOutsideVocabulary", """{"model":{"vocab":{"a":0},"merges":["a a"]}}""", "needs the token \"aa\""),
        ("UnknownTokenMissing", """{"model":{"unk_token":"?","vocab":{"a":0},"merges":[]}}""", "model.unk_token"),
        ("BertNormalizer", """{"normalizer":{"type":"BertNormalizer"},""" + Model + "}", "\"BertNormalizer\""),
        ("NormalizerWithoutType", """{"normalizer":{},""" + Model + "}", "normalizer: the key \"type\" is missing"),
        ("ReplaceByRegex",
            """{"normalizer":{"type":"Replace","pattern":{"Regex":"a+"},"content":"b"},""" + Model + "}",
            "a+"),
        ("ReplaceNothing",
            """{"normalizer":{"type":"Replace","pattern":{"String":""},"content":"b"},""" + Model + "}",
            "empty"),
        ("NormalizerThatExplodes",
            $$"""{"normalizer":{"type":"Sequence","normalizers":[{{Repeat(Doubling, 40)}}]},""" + Model + "}",
            "times longer"),
        ("DecoderThatExplodes",
            $$"""{"decoder":{"type":"Sequence","decoders":[{{Repeat(Doubling, 40)}}]},""" + Model + "}",
            "times longer"),
        ("StepsWithoutEnd",
            $$"""{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{{Repeat(Digits, 9999)}}]},"""
                + Model + "}",
            "9999 steps"),
        ("PrependTooLong",
            """{"normalizer":{"type":"Prepend","prepend":"LONG"},"""
                .Replace("LONG", new string('x', 65))
                + Model + "}",
            "too long"),
        ("OtherSplit",
            """{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Isolated"},"""
                + Model + "}",
            @"\w+"),
        ("Whitespace", """{"pre_tokenizer":{"type":"Whitespace"},""" + Model + "}", "\"Whitespace\""),
        ("ByteLevelOneWay", """{"pre_tokenizer":{"type":"ByteLevel"},""" + Model + "}", "disagree"),
        ("ByteLevelWithoutBytes",
            """
            {"pre_tokenizer":{"type":"ByteLevel"},"decoder":{"type":"ByteLevel"},"model":{"vocab":{"a":0},"merges":[]}}
            """,
            "byte 0x00"),
        ("WordPieceDecoder", """{"decoder":{"type":"WordPiece"},""" + Model + "}", "\"WordPiece\""),
        ("StripAtTheEnd", """{"decoder":{"type":"Strip","content":" ","start":0,"stop":1},""" + Model + "}", "Strip"),
        ("BertProcessing", """{"post_processor":{"type":"BertProcessing"},""" + Model + "}", "\"BertProcessing\""),
        ("TemplateWithoutText",
            """{"post_processor":{"type":"TemplateProcessing","single":[],"special_tokens":{}},""" + Model + "}",
            "does not hold the text"),
        ("TemplateOfUnknownId",
            """{"post_processor":{"type":"RobertaProcessing","cls":["x",9],"sep":["y",9]},""" + Model + "}", "id 9"),
        ("AddedTokenWithoutId", """{"added_tokens":[{"content":"x"}],""" + Model + "}", "added_tokens[0]"),
        ("AddedTokenEmpty", """{"added_tokens":[{"id":3,"content":""}],""" + Model + "}", "0 characters"),
        ("AddedTokenTooLong",
            """{"added_tokens":[{"id":3,"content":"LONG"}],"""
                .Replace("LONG", new string('x', 1025))
                + Model + "}",
            "1025"),
        ("AddedTokenTwice",
            """{"added_tokens":[{"id":3,"content":"x"},{"id":4,"content":"x"}],""" + Model + "}", "occurs twice"),
        ("AddedTokenTakesAnId", """{"added_tokens":[{"id":1,"content":"x"}],""" + Model + "}", "belongs to \"b\""),
        ("AddedTokenOtherId", """{"added_tokens":[{"id":3,"content":"b"}],""" + Model + "}", "the vocabulary says 1"),
        ("FlagIsText", """{"added_tokens":[{"id":3,"content":"x","special":"yes"}],""" + Model + "}", "true or false"),
    ];

    private static string Repeat(string step, int count) => string.Join(',', Enumerable.Repeat(step, count));
}
