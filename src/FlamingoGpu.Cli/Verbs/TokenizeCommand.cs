using System.CommandLine;
using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Cli;

/// <summary><c>tokenize</c>: text to token ids and back.</summary>
internal sealed class TokenizeCommand : CliCommand
{
    private static readonly Flag<bool> Decode = Flag.Switch(
        "--decode", "The text holds ids, separated by spaces or commas; print what they spell.");
    private readonly Argument<string?> _text;

    /// <summary>Declares flags and arguments.</summary>
    public TokenizeCommand()
        : base(
            "tokenize", "Show the token ids of a text, or the text of token ids.",
            "tokenize -m weights/flamingo-tiny \"a red circle\"",
            "tokenize --tokenizer weights/flamingo-tiny --decode \"64 265 398\"")
    {
        _text = TakeArgument("text", "The text; '-' reads standard input.");
        Take(
            new FlagGroup("Tokenize", Decode, PromptFlags.Prompt, PromptFlags.Special, ModelFlags.Model, ModelFlags.Vision, ModelFlags.Language, ModelFlags.Checkpoint, ModelFlags.Tokenizer), OutputFlags.Common);
    }

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        var text = PromptFlags.ReadText(settings, settings.Get(_text), context)
            ?? throw new InvalidRequestException("no text: give one behind the options.");
        var tokenizer = settings.Get(ModelFlags.Tokenizer) is { } path
            ? FlamingoTokenizer.Load(path)
            : FlamingoTokenizer.TryLoad(ModelFlags.Locate(settings))
                ?? throw new InvalidRequestException("the model has no tokenizer; give --tokenizer.");
        var ids = settings.Get(Decode) ? ParseIds(text) : tokenizer.Encode(text, settings.Get(PromptFlags.Special));
        if (settings.Get(OutputFlags.Json))
        {
            JsonOutput.Write(context.Output, json =>
            {
                json.WriteStartObject();
                json.WriteNumbers("ids", ids.Select(id => (long)id));
                json.WriteStartArray("tokens");
                foreach (var id in ids) json.WriteStringValue(tokenizer.TokenOf(id));
                json.WriteEndArray();
                json.WriteString("text", tokenizer.Decode(ids, skipSpecial: false));
                json.WriteEndObject();
            });
        }
        else
        {
            context.Output.WriteLine(settings.Get(Decode) ? tokenizer.Decode(ids, skipSpecial: false) : string.Join(' ', ids));
        }

        return ExitCodes.Ok;
    }

    private static int[] ParseIds(string text) =>
    [
        .. text.Split([' ', ',', '\n', '\t', '[', ']'], StringSplitOptions.RemoveEmptyEntries).Select(word =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw new InvalidRequestException($"'{word}' is no token id; expected whole numbers.")),
    ];
}
