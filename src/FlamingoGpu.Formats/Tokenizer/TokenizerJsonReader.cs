using FlamingoGpu.Formats.Json;

namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>
/// Reads <c>tokenizer.json</c>; one method per component, each refusing what it does not know by name.
/// </summary>
internal static class TokenizerJsonReader
{
    /// <summary>GPT-2's cutting pattern in the two spellings found in published files.</summary>
    private static readonly string[] Gpt2Patterns =
    [
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    ];

    public static TokenizerFile Read(JsonPart root)
    {
        var model = BpeModelReader.Read(root.Required("model"));
        var added = ReadAddedTokens(root.Optional("added_tokens"), model.Vocabulary);
        var normalizer = ReadSteps<NormalizerStep>(root.Optional("normalizer"), ReadNormalizer);
        var preTokenizer = ReadSteps<PreTokenizerStep>(root.Optional("pre_tokenizer"), ReadPreTokenizer);
        var decoder = ReadSteps<DecoderStep>(root.Optional("decoder"), ReadDecoder);
        CheckGrowth(root, "normalizer", normalizer.Select(step => (step as NormalizerStep.Replace)?.Growth ?? 1));
        CheckGrowth(root, "decoder", decoder.Select(step => (step as DecoderStep.Replace)?.Growth ?? 1));
        var known = added.Select(token => token.Id).Concat(model.Vocabulary.Values).ToHashSet();
        var (prefix, suffix) = root.Optional("post_processor") is { } post ? ReadPostProcessor(post, known) : ([], []);

        var file = new TokenizerFile(root.File, model, added, normalizer, preTokenizer, decoder, prefix, suffix);
        CheckByteLevel(root, file);
        return file;
    }

    private static List<T> ReadSteps<T>(JsonPart? part, Action<JsonPart, List<T>> read)
    {
        var steps = new List<T>();
        if (part is not { } chain) return steps;
        read(chain, steps);
        return steps.Count <= TokenizerFile.MaximumSteps
            ? steps
            : throw chain.Error($"{steps.Count} steps; at most {TokenizerFile.MaximumSteps} are supported.");
    }

    private static void CheckGrowth(JsonPart root, string key, IEnumerable<double> growths)
    {
        var growth = growths.Aggregate(1.0, (product, step) => product * Math.Max(1, step));
        if (growth <= TokenizerFile.MaximumGrowth) return;
        throw root.Error($"{key}: its replacements can make a text {growth:0} times longer; "
            + $"at most {TokenizerFile.MaximumGrowth} times is supported.");
    }

    private static void CheckByteLevel(JsonPart root, TokenizerFile file)
    {
        var decodesBytes = file.Decoder.Any(step => step is DecoderStep.ByteLevel);
        if (file.IsByteLevel != decodesBytes)
        {
            throw root.Error("pre_tokenizer and decoder disagree: ByteLevel must be in both or in neither. "
                + "Text would not come back as it went in.");
        }

        if (!file.IsByteLevel) return;
        if (file.PreTokenizer[^1] is not PreTokenizerStep.ByteLevel
            || file.PreTokenizer.Count(step => step is PreTokenizerStep.ByteLevel) > 1)
        {
            throw root.Error("pre_tokenizer: ByteLevel must be the last step and occur once.");
        }

        BpeModelReader.CheckBytes(root, file.Model);
    }

    private static List<AddedToken> ReadAddedTokens(JsonPart? part, IReadOnlyDictionary<string, int> vocabulary)
    {
        var list = new AddedTokenList(vocabulary);
        if (part is not { } tokens) return list.Tokens;
        foreach (var token in tokens.Elements())
        {
            list.Add(token, new AddedToken(
                token.Required("id").Count(TokenizerFile.MaximumId),
                token.Required("content").Text(),
                token.Optional("single_word")?.Flag() ?? false,
                token.Optional("lstrip")?.Flag() ?? false,
                token.Optional("rstrip")?.Flag() ?? false,
                token.Optional("normalized")?.Flag() ?? true,
                token.Optional("special")?.Flag() ?? false));
        }

        return list.Tokens;
    }

    private static void ReadNormalizer(JsonPart part, List<NormalizerStep> steps)
    {
        var type = part.Required("type").Text();
        switch (type)
        {
            case "Sequence":
                foreach (var step in part.Required("normalizers").Elements()) ReadNormalizer(step, steps);
                break;
            case "NFC" or "NFD" or "NFKC" or "NFKD":
                steps.Add(new NormalizerStep.Unicode(type switch
                {
                    "NFC" => UnicodeForm.Nfc,
                    "NFD" => UnicodeForm.Nfd,
                    "NFKC" => UnicodeForm.Nfkc,
                    _ => UnicodeForm.Nfkd,
                }));
                break;
            case "Lowercase":
                steps.Add(new NormalizerStep.Lowercase());
                break;
            case "Prepend":
                var prefix = part.Required("prepend");
                if (prefix.Text().Length > TokenizerFile.MaximumGrowth) throw prefix.Error("the text is too long.");
                steps.Add(new NormalizerStep.Prepend(prefix.Text()));
                break;
            case "Replace":
                steps.Add(new NormalizerStep.Replace(ReadLiteral(part), part.Required("content").Text()));
                break;
            case "Strip":
                steps.Add(new NormalizerStep.Strip(
                    part.Optional("strip_left")?.Flag() ?? true, part.Optional("strip_right")?.Flag() ?? true));
                break;
            default:
                throw part.Error($"the normalizer \"{type}\" is not supported.");
        }
    }

    private static string ReadLiteral(JsonPart owner)
    {
        var pattern = owner.Required("pattern");
        if (pattern.Optional("Regex") is { } regex)
            throw regex.Error($"the regular expression \"{regex.Text()}\" is not supported here, only a literal is.");
        var literal = pattern.Required("String");
        return literal.Text() is { Length: > 0 } text ? text : throw literal.Error("the literal is empty.");
    }

    private static void ReadPreTokenizer(JsonPart part, List<PreTokenizerStep> steps)
    {
        var type = part.Required("type").Text();
        switch (type)
        {
            case "Sequence":
                foreach (var step in part.Required("pretokenizers").Elements()) ReadPreTokenizer(step, steps);
                break;
            case "ByteLevel":
                steps.Add(new PreTokenizerStep.ByteLevel(
                    part.Optional("add_prefix_space")?.Flag() ?? true, part.Optional("use_regex")?.Flag() ?? true));
                break;
            case "Split":
                steps.Add(ReadSplit(part));
                break;
            case "Digits":
                steps.Add(new PreTokenizerStep.Digits(part.Optional("individual_digits")?.Flag() ?? false));
                break;
            case "Metaspace":
                steps.Add(new PreTokenizerStep.Metaspace(
                    ReadReplacement(part), ReadPrefix(part), part.Optional("split")?.Flag() ?? true));
                break;
            default:
                throw part.Error($"the pre_tokenizer \"{type}\" is not supported.");
        }
    }

    /// <summary>
    /// Only GPT-2's pattern: it covers any text without gaps, so "Isolated" and "Removed, inverted" are the same.
    /// </summary>
    private static PreTokenizerStep.Gpt2Split ReadSplit(JsonPart part)
    {
        var pattern = part.Required("pattern");
        if (pattern.Optional("String") is { } literal)
        {
            throw literal.Error(
                $"a Split at the literal \"{literal.Text()}\" is not supported, only GPT-2's pattern is.");
        }

        var regex = pattern.Required("Regex");
        if (!Gpt2Patterns.Contains(regex.Text()))
            throw regex.Error($"the Split pattern \"{regex.Text()}\" is not supported, only GPT-2's pattern is.");
        var behavior = part.Required("behavior").Text();
        var inverted = part.Optional("invert")?.Flag() ?? false;
        return behavior == "Isolated" || (behavior == "Removed" && inverted)
            ? new PreTokenizerStep.Gpt2Split()
            : throw part.Error($"the Split behavior \"{behavior}\" is not supported, only Isolated is.");
    }

    private static string ReadReplacement(JsonPart part)
    {
        var replacement = part.Optional("replacement");
        var text = replacement?.Text() ?? "▁";
        return text.EnumerateRunes().Count() == 1
            ? text
            : throw replacement!.Value.Error($"expected one character, found \"{text}\".");
    }

    private static MetaspacePrefix ReadPrefix(JsonPart part)
    {
        if (part.Optional("prepend_scheme") is { } scheme)
        {
            return scheme.Text() switch
            {
                "always" => MetaspacePrefix.Always,
                "first" => MetaspacePrefix.First,
                "never" => MetaspacePrefix.Never,
                var other => throw scheme.Error($"\"{other}\" is not one of always, first, never."),
            };
        }

        return part.Optional("add_prefix_space")?.Flag() ?? true ? MetaspacePrefix.Always : MetaspacePrefix.Never;
    }

    private static void ReadDecoder(JsonPart part, List<DecoderStep> steps)
    {
        var type = part.Required("type").Text();
        switch (type)
        {
            case "Sequence":
                foreach (var step in part.Required("decoders").Elements()) ReadDecoder(step, steps);
                break;
            case "ByteLevel":
                steps.Add(new DecoderStep.ByteLevel());
                break;
            case "Replace":
                steps.Add(new DecoderStep.Replace(ReadLiteral(part), part.Required("content").Text()));
                break;
            case "ByteFallback":
                steps.Add(new DecoderStep.ByteFallback());
                break;
            case "Fuse":
                break;
            case "Strip":
                steps.Add(ReadStrip(part));
                break;
            case "Metaspace":
                steps.Add(new DecoderStep.Replace(ReadReplacement(part), " "));
                if (ReadPrefix(part) != MetaspacePrefix.Never) steps.Add(new DecoderStep.StripLeadingSpaces(1));
                break;
            default:
                throw part.Error($"the decoder \"{type}\" is not supported.");
        }
    }

    private static DecoderStep.StripLeadingSpaces ReadStrip(JsonPart part)
    {
        if (part.Required("content").Text() != " ")
            throw part.Error("a Strip of anything but spaces is not supported.");
        if (part.Optional("stop")?.Count() is > 0) throw part.Error("a Strip at the end of the text is not supported.");
        return new DecoderStep.StripLeadingSpaces(part.Required("start").Count());
    }

    private static (List<int> Prefix, List<int> Suffix) ReadPostProcessor(JsonPart part, HashSet<int> known)
    {
        var type = part.Required("type").Text();
        switch (type)
        {
            case "ByteLevel":
                return ([], []);
            case "TemplateProcessing":
                return ReadTemplate(part, known);
            case "RobertaProcessing":
                return ([ReadNamedId(part.Required("cls"), known)], [ReadNamedId(part.Required("sep"), known)]);
            case "Sequence":
                var (prefix, suffix) = (new List<int>(), new List<int>());
                foreach (var step in part.Required("processors").Elements())
                {
                    var inner = ReadPostProcessor(step, known);
                    prefix.InsertRange(0, inner.Prefix);
                    suffix.AddRange(inner.Suffix);
                }

                return (prefix, suffix);
            default:
                throw part.Error($"the post_processor \"{type}\" is not supported.");
        }
    }

    private static (List<int> Prefix, List<int> Suffix) ReadTemplate(JsonPart part, HashSet<int> known)
    {
        var (prefix, suffix) = (new List<int>(), new List<int>());
        var seenText = false;
        var template = part.Required("single");
        foreach (var piece in template.Elements())
        {
            if (piece.Optional("Sequence") is { } sequence)
            {
                if (seenText || sequence.Required("id").Text() != "A")
                    throw sequence.Error("the template for one text must hold the text \"A\" once.");
                seenText = true;
            }
            else
            {
                var name = piece.Required("SpecialToken").Required("id").Text();
                var ids = part.Required("special_tokens").Required(name).Required("ids");
                foreach (var id in ids.Elements()) (seenText ? suffix : prefix).Add(CheckId(id, known));
            }
        }

        return seenText ? (prefix, suffix) : throw template.Error("the template does not hold the text.");
    }

    private static int ReadNamedId(JsonPart part, HashSet<int> known)
    {
        var pair = part.Elements().Take(3).ToArray();
        return pair.Length == 2 ? CheckId(pair[1], known) : throw part.Error("expected a token and its id.");
    }

    private static int CheckId(JsonPart part, HashSet<int> known)
    {
        var id = part.Count();
        return known.Contains(id) ? id : throw part.Error($"no token has the id {id}.");
    }
}
