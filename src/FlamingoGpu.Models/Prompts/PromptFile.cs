using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Json;

namespace FlamingoGpu.Models.Prompts;

/// <summary>
/// Reads prompt files: JSON with one prompt or an array of them, each either free pieces of text and images or
/// demonstrations and a query. The schema stands in <c>docs/prompt-file.md</c>. Unknown keys are errors.
/// </summary>
public static class PromptFile
{
    /// <summary>Longest prompt file that is read; images inside it count.</summary>
    public const int MaximumBytes = 256 << 20;

    /// <summary>Reads a file. Relative image paths are taken from the file's folder.</summary>
    /// <returns>At least one request, in the order of the file.</returns>
    /// <exception cref="InvalidFileException">
    /// Unreadable or not of the schema; names the file and the JSON path.
    /// </exception>
    public static IReadOnlyList<PromptRequest> Load(string path) =>
        Read(JsonPart.Load(path, MaximumBytes), Path.GetDirectoryName(Path.GetFullPath(path))!);

    /// <summary>Reads a prompt file's bytes.</summary>
    /// <param name="utf8">The whole file.</param>
    /// <param name="file">The name for messages.</param>
    /// <param name="baseFolder">Absolute; where relative image paths start.</param>
    /// <exception cref="InvalidFileException">Not of the schema.</exception>
    public static IReadOnlyList<PromptRequest> Parse(ReadOnlySpan<byte> utf8, string file, string baseFolder) =>
        Read(JsonPart.Parse(utf8, file), baseFolder);

    private static PromptRequest[] Read(JsonPart root, string baseFolder)
    {
        if (root.Kind != JsonValueKind.Array) return [ReadRequest(root, baseFolder)];
        var requests = root.Elements().Select(part => ReadRequest(part, baseFolder)).ToArray();
        return requests.Length > 0 ? requests : throw root.Error("the array of prompts is empty.");
    }

    private static PromptRequest ReadRequest(JsonPart part, string baseFolder)
    {
        if (part.Optional("pieces") is { } pieces)
        {
            part.AllowOnly("pieces", "options");
            return ReadPieces(pieces, ReadOptions(part), baseFolder);
        }

        if (part.Optional("task") is not { } task)
            throw part.Error("a prompt needs \"pieces\", or a \"task\" of caption, vqa or generate.");
        return task.Text() switch
        {
            "caption" => ReadCaption(part, baseFolder),
            "vqa" => ReadVqa(part, baseFolder),
            "generate" => ReadGenerate(part, baseFolder),
            var other => throw task.Error($"\"{other}\" is not one of caption, vqa, generate."),
        };
    }

    private static PromptRequest ReadPieces(JsonPart part, PromptOptions options, string baseFolder)
    {
        var images = new List<ImageReference>();
        var pieces = new List<PromptPiece>();
        foreach (var piece in part.Elements())
        {
            piece.AllowOnly("text", "image", "end_of_chunk");
            var members = piece.Members().ToArray();
            if (members.Length != 1)
                throw piece.Error("a piece has exactly one of \"text\", \"image\" and \"end_of_chunk\".");
            var (key, value) = members[0];
            if (key == "text")
            {
                pieces.Add(PromptPiece.FromText(value.Text()));
            }
            else if (key == "image")
            {
                pieces.Add(PromptPiece.FromImage(images.Count));
                images.Add(ImageReference.Parse(value, baseFolder));
            }
            else if (value.Flag())
            {
                pieces.Add(PromptPiece.EndOfChunk);
            }
        }

        return pieces.Count > 0
            ? new PromptRequest(PromptTask.Generate, Prompt.Of(pieces), images, options)
            : throw part.Error("the prompt has no pieces.");
    }

    private static PromptRequest ReadCaption(JsonPart part, string baseFolder)
    {
        part.AllowOnly("task", "shots", "image", "options");
        var images = new List<ImageReference>();
        var shots = ReadShots(part, "text", hasQuestion: false, images, baseFolder);
        images.Add(ImageReference.Parse(part.Required("image"), baseFolder));
        return new PromptRequest(PromptTask.Caption, FewShotPrompt.Caption(shots), images, ReadOptions(part));
    }

    private static PromptRequest ReadVqa(JsonPart part, string baseFolder)
    {
        part.AllowOnly("task", "shots", "image", "question", "options");
        var images = new List<ImageReference>();
        var shots = ReadShots(part, "answer", hasQuestion: true, images, baseFolder);
        images.Add(ImageReference.Parse(part.Required("image"), baseFolder));
        var prompt = FewShotPrompt.Vqa(shots, NotBlank(part.Required("question")));
        return new PromptRequest(PromptTask.Vqa, prompt, images, ReadOptions(part));
    }

    private static PromptRequest ReadGenerate(JsonPart part, string baseFolder)
    {
        part.AllowOnly("task", "shots", "image", "text", "options");
        var images = new List<ImageReference>();
        var shots = ReadShots(part, "text", hasQuestion: false, images, baseFolder);
        var image = part.Optional("image");
        var text = part.Optional("text");
        if (image is null && text is null) throw part.Error("the query needs an \"image\", a \"text\" or both.");
        if (image is { } reference) images.Add(ImageReference.Parse(reference, baseFolder));
        var prompt = FewShotPrompt.Generic(shots, text?.Text() ?? "", image is not null);
        return new PromptRequest(PromptTask.Generate, prompt, images, ReadOptions(part));
    }

    private static List<Shot> ReadShots(
        JsonPart part, string textKey, bool hasQuestion, List<ImageReference> images, string baseFolder)
    {
        var shots = new List<Shot>();
        if (part.Optional("shots") is not { } list) return shots;
        foreach (var shot in list.Elements())
        {
            if (hasQuestion) shot.AllowOnly("image", "question", textKey);
            else shot.AllowOnly("image", textKey);
            var image = shot.Optional("image");
            if (image is { } reference) images.Add(ImageReference.Parse(reference, baseFolder));
            var question = hasQuestion ? NotBlank(shot.Required("question")) : null;
            shots.Add(new Shot(shot.Required(textKey).Text(), question, image is not null));
        }

        return shots;
    }

    private static string NotBlank(JsonPart part) =>
        part.Text() is var text && !string.IsNullOrWhiteSpace(text) ? text : throw part.Error("the question is empty.");

    private static PromptOptions ReadOptions(JsonPart part)
    {
        if (part.Optional("options") is not { } options) return new PromptOptions();
        options.AllowOnly(
            "max_new_tokens", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "seed", "num_beams",
            "length_penalty", "stop", "special");
        return new PromptOptions
        {
            MaxNewTokens = options.Optional("max_new_tokens")?.Count(),
            Temperature = Between(options.Optional("temperature"), 0, double.MaxValue),
            TopK = options.Optional("top_k")?.Count(),
            TopP = Between(options.Optional("top_p"), 0, 1),
            MinP = Between(options.Optional("min_p"), 0, 1),
            RepetitionPenalty = Between(options.Optional("repetition_penalty"), double.Epsilon, double.MaxValue),
            Seed = options.Optional("seed")?.Count(),
            NumBeams = options.Optional("num_beams")?.Count(),
            LengthPenalty = options.Optional("length_penalty")?.Number(),
            Stop = options.Optional("stop")?.Elements().Select(ReadStop).ToArray() ?? [],
            ParseSpecial = options.Optional("special")?.Flag(),
        };
    }

    private static string ReadStop(JsonPart part) =>
        part.Text() is { Length: > 0 } text ? text : throw part.Error("an empty stop text would end at once.");

    private static double? Between(JsonPart? part, double least, double most)
    {
        if (part is not { } value) return null;
        var number = value.Number();
        return number >= least && number <= most
            ? number
            : throw value.Error(least > 0 ? "expected a number above 0." : most > 1
                ? "expected a number of at least 0."
                : "expected a number from 0 to 1.");
    }
}
