using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Cli;

/// <summary>What to ask: text, pictures, demonstrations, or a file with all of them.</summary>
internal static class PromptFlags
{
    private const string ShotSeparator = "::";

    /// <summary><c>--prompt</c>.</summary>
    public static readonly Flag<string?> Prompt = Flag.Text(
        "--prompt", "TEXT", "The prompt, in which <image> marks the place of a picture; '-' reads standard input.", "-p");

    /// <summary><c>--image</c>.</summary>
    public static readonly Flag<IReadOnlyList<string>> Image = Flag.Texts(
        "--image", "FILE", "Picture: a path, a data: URI, or '-' for standard input; repeatable. Without <image> in "
            + "the prompt, pictures come first.");

    /// <summary><c>--shot</c>.</summary>
    public static readonly Flag<IReadOnlyList<string>> Shot = Flag.Texts(
        "--shot", "IMAGE::TEXT", "Demonstration: a picture and its text (vqa: IMAGE::QUESTION::ANSWER); repeatable.");

    /// <summary><c>--prompt-file</c>.</summary>
    public static readonly Flag<string?> PromptFile = Flag.Text(
        "--prompt-file", "FILE", "JSON file with one prompt or an array of them (docs/prompt-file.md).");

    /// <summary><c>--special</c>.</summary>
    public static readonly Flag<bool> Special = Flag.Switch(
        "--special", "Special tokens written in the text, such as <|endofchunk|>, count as such.");

    /// <summary><c>--video</c>.</summary>
    public static readonly Flag<IReadOnlyList<string>> Video = Flag.Texts("--video", "FILE", "Not supported yet.");

    /// <summary>Everything but the prompt's text.</summary>
    public static readonly FlagGroup Pictures = new("Pictures", Image, Shot, Special, Video);

    /// <summary>Text.</summary>
    public static readonly FlagGroup Text = new("Prompt", Prompt, PromptFile);

    /// <summary>The requests of a verb that goes on from a prompt: those of the file, or the one of the flags.</summary>
    /// <exception cref="InvalidRequestException">There is no prompt, or two.</exception>
    public static IReadOnlyList<PromptRequest> ReadRequests(Settings settings, string? argument, CliContext context)
    {
        if (ReadFile(settings, argument) is { } requests) return requests;
        var text = ReadText(settings, argument, context);
        if (text is null && settings.Get(Image).Count == 0)
            throw new InvalidRequestException("no prompt: give a text, --image FILE, or --prompt-file FILE.");
        return [ReadGeneric(settings, text ?? "", context)];
    }

    /// <summary>Requests of the prompt file, or null when none was given.</summary>
    /// <exception cref="InvalidRequestException">A prompt is given in another way as well.</exception>
    public static IReadOnlyList<PromptRequest>? ReadFile(Settings settings, string? argument)
    {
        if (settings.Get(PromptFile) is not { } path) return null;
        foreach (var flag in new Flag[] { Prompt, Image, Shot })
        {
            if (settings.OriginOf(flag) == Origin.Flag)
                throw new InvalidRequestException(
                    $"--prompt-file and {flag.Name} exclude each other; the file holds the whole prompt.");
        }

        if (argument is not null)
            throw new InvalidRequestException(
                $"--prompt-file and '{argument}' exclude each other; the file holds the whole prompt.");
        return Models.Prompts.PromptFile.Load(path);
    }

    /// <summary>The prompt's text, as an argument or by name; null when there is none.</summary>
    /// <exception cref="InvalidRequestException">Both are given.</exception>
    public static string? ReadText(Settings settings, string? argument, CliContext context)
    {
        if (argument is not null && settings.OriginOf(Prompt) == Origin.Flag)
            throw new InvalidRequestException($"the prompt is given twice: --prompt and '{argument}'.");
        if ((argument ?? settings.Get(Prompt)) is not { } text) return null;
        if (text != "-") return text;
        text = Encoding.UTF8.GetString(context.ReadInput("the prompt"));
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>The pictures of the query.</summary>
    public static IReadOnlyList<ImageReference> ReadImages(Settings settings, CliContext context)
    {
        RefuseVideo(settings);
        return [.. settings.Get(Image).Select(text => ReadImage(text, "--image", context))];
    }

    /// <summary>Demonstrations of a picture and a text.</summary>
    public static (IReadOnlyList<Shot> Shots, IReadOnlyList<ImageReference> Images) ReadShots(Settings settings, CliContext context)
    {
        var parts = settings.Get(Shot).Select(text => Split(text, 2, "IMAGE::TEXT")).ToList();
        return ([.. parts.Select(part => new Shot(part[1]))], [.. parts.Select(part => ReadImage(part[0], "--shot", context))]);
    }

    /// <summary>Demonstrations of a picture, a question and an answer.</summary>
    public static (IReadOnlyList<Shot> Shots, IReadOnlyList<ImageReference> Images) ReadVqaShots(Settings settings, CliContext context)
    {
        var parts = settings.Get(Shot).Select(text => Split(text, 3, "IMAGE::QUESTION::ANSWER")).ToList();
        return ([.. parts.Select(part => new Shot(part[2], part[1]))], [.. parts.Select(part => ReadImage(part[0], "--shot", context))]);
    }

    /// <summary>A free prompt behind demonstrations.</summary>
    public static PromptRequest ReadGeneric(Settings settings, string text, CliContext context)
    {
        var (shots, shotImages) = ReadShots(settings, context);
        var images = ReadImages(settings, context);
        var demonstrations = FewShotPrompt.Generic(shots, "", hasImage: false).Pieces;
        var query = Models.Prompts.Prompt.Parse(text, images.Count).Pieces
            .Select(piece => piece.Kind == PromptPieceKind.Image ? PromptPiece.FromImage(piece.ImageIndex + shotImages.Count) : piece);
        return new PromptRequest(
            PromptTask.Generate, Models.Prompts.Prompt.Of([.. demonstrations, .. query]), [.. shotImages, .. images], new PromptOptions());
    }

    /// <summary>A picture as a user names it.</summary>
    public static ImageReference ReadImage(string text, string option, CliContext context) =>
        text == "-" ? ImageReference.FromBytes(context.ReadInput(option), "standard input") : ImageReference.FromText(text);

    private static string[] Split(string text, int count, string form)
    {
        var parts = text.Split(ShotSeparator, count);
        return parts.Length == count
            ? parts
            : throw new InvalidRequestException($"--shot is '{text}'; expected {form}.");
    }

    private static void RefuseVideo(Settings settings)
    {
        if (settings.Get(Video).Count > 0)
            throw new InvalidRequestException("--video is not supported yet; give single frames with --image.");
    }
}
