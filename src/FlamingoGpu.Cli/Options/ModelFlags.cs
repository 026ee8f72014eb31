using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Models;

namespace FlamingoGpu.Cli;

/// <summary>Which model, and where to run it.</summary>
internal static class ModelFlags
{
    /// <summary><c>--model</c>.</summary>
    public static readonly Flag<string?> Model = Flag.Text(
        "--model", "DIR", "Model folder: with flamingo.json, or with vision, lm and checkpoint.", "-m");

    /// <summary><c>--vision</c>.</summary>
    public static readonly Flag<string?> Vision = Flag.Text(
        "--vision", "PATH", "CLIP vision tower, a file or folder; with --lm and --checkpoint instead of --model.");

    /// <summary><c>--lm</c>.</summary>
    public static readonly Flag<string?> Language = Flag.Text(
        "--lm", "DIR", "Language model folder (config.json, weights, tokenizer.json).");

    /// <summary><c>--checkpoint</c>.</summary>
    public static readonly Flag<string?> Checkpoint = Flag.Text(
        "--checkpoint", "PATH", "OpenFlamingo checkpoint (checkpoint.pt or safetensors).");

    /// <summary><c>--tokenizer</c>.</summary>
    public static readonly Flag<string?> Tokenizer = Flag.Text(
        "--tokenizer", "PATH", "tokenizer.json or its folder, when it is not beside the language model.");

    /// <summary><c>--dtype</c>.</summary>
    public static readonly Flag<DType?> MatrixType = Flag.Of(
        "--dtype", "f32|bf16|f16", "Type of the matrices: converted to it; as stored by default (bench: bf16).", "f32, bf16 or f16", ParseType);

    /// <summary><c>--shape</c>.</summary>
    public static readonly Flag<string?> Shape = Flag.Text(
        "--shape", "NAME", $"A published model that need not be on disk: {string.Join(", ", PublishedModels.Names)}.");

    /// <summary><c>--images</c>.</summary>
    public static readonly Flag<int?> Images = Flag.Number("--images", "Images of the request to plan or to measure.", "1");

    /// <summary><c>--set</c>.</summary>
    public static readonly Flag<IReadOnlyList<string>> Set = Flag.Texts(
        "--set", "KEY=VALUE", "Change a model option ('flamingo-run inspect' lists them); repeatable.");

    /// <summary><c>--quirk</c>.</summary>
    public static readonly Flag<IReadOnlyList<string>> QuirkNames = Flag.Texts(
        "--quirk", "NAME",
        $"Reproduce a known deviation of a reference: {string.Join(", ", Quirks.All.Select(quirk => quirk.Name))}; repeatable.");

    /// <summary><c>--ctx-size</c>.</summary>
    public static readonly Flag<int?> Context = Flag.Number(
        "--ctx-size", "Most tokens of a request; memory for as many is planned before loading. The model's own by "
            + "default.", "", "-c");

    /// <summary><c>--device</c>.</summary>
    public static readonly Flag<string?> Device = Flag.Text(
        "--device", "NAME",
        "Device to run on: cpu, cuda, cuda:N, virtual or virtual:sm_80; 'flamingo-run devices' says which can be used.",
        "cpu", []);

    /// <summary><c>--activations</c>.</summary>
    public static readonly Flag<DType?> Activations = Flag.Of(
        "--activations", "f32|bf16|f16", "Type of activations on a GPU: that of the matrices by default; the cpu uses f32.",
        "f32, bf16 or f16", ParseType);

    /// <summary><c>--kv-cache</c>.</summary>
    public static readonly Flag<DType?> KvCache = Flag.Of(
        "--kv-cache", "f32|bf16|f16",
        "Type of the text's keys and values: as --activations if given, else that of the matrices; on a GPU always that of the activations.",
        "f32, bf16 or f16", ParseType);

    /// <summary><c>--threads</c>.</summary>
    public static readonly Flag<int?> Threads = Flag.Number(
        "--threads", "Threads of the cpu device.", "all cores", "-t");

    /// <summary><c>--max-memory</c>.</summary>
    public static readonly Flag<long?> MaxMemory = Flag.Of(
        "--max-memory", "SIZE", "Memory that weights and request may take together, such as 12GiB.", "a size such as 900MiB or 12GiB", ParseSize, "all of the machine");

    /// <summary><c>--no-check-weights</c>.</summary>
    public static readonly Flag<bool> NoCheckWeights = Flag.Switch(
        "--no-check-weights", "Do not look for NaN and infinity in the weights while loading.");

    /// <summary><c>--mmap</c>.</summary>
    public static readonly Flag<bool> MapWeights = Flag.Switch(
        "--mmap", "Use weights where the file is mapped instead of copying them into huge pages: loads faster, decodes slower.");

    /// <summary>Where the files are and what to change in them.</summary>
    public static readonly FlagGroup Files = new("Model", Model, Vision, Language, Checkpoint, Tokenizer, MatrixType, Set, QuirkNames, Context);

    /// <summary>Where to run.</summary>
    public static readonly FlagGroup Running = new("Device", Device, Activations, KvCache, Threads, MaxMemory, MapWeights, NoCheckWeights);

    /// <summary>The library's options.</summary>
    /// <exception cref="InvalidRequestException">A value is not understood.</exception>
    public static FlamingoOptions Read(Settings settings) => ReadPaths(settings) with
    {
        Device = settings.Get(Device)!,
        Threads = settings.Get(Threads),
        MatrixType = settings.Get(MatrixType),
        Activations = settings.Get(Activations),
        KvCache = settings.Get(KvCache),
        Set = ReadSet(settings),
        CheckWeights = !settings.Get(NoCheckWeights),
        MapWeights = settings.Get(MapWeights),
        MemoryLimit = settings.Get(MaxMemory),
    };

    /// <summary>Where the files of the model are.</summary>
    public static ModelFiles Locate(Settings settings) => ReadPaths(settings).Locate();

    /// <summary>Quirks first, then what <c>--set</c> and <c>--ctx-size</c> say.</summary>
    public static IReadOnlyList<(string Key, string Value)> ReadSet(Settings settings)
    {
        var set = settings.Get(QuirkNames).Select(Quirks.Find).Select(quirk => (quirk.Key, quirk.Value)).ToList();
        if (settings.Get(Context) is { } context) set.Add(("lm.context", context.ToString(CultureInfo.InvariantCulture)));
        foreach (var text in settings.Get(Set))
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new InvalidRequestException(
                    $"--set is '{text}'; expected KEY=VALUE, such as vision.post_norm=true.");
            set.Add((FlamingoConfigKeys.Find(text[..equals]).Name, text[(equals + 1)..]));
        }

        return set;
    }

    /// <summary>
    /// A folder from the environment gives way to parts on the command line, and the other way round.
    /// </summary>
    private static FlamingoOptions ReadPaths(Settings settings)
    {
        var strongestPart = new[] { Vision, Language, Checkpoint }.Max(settings.OriginOf);
        var model = settings.OriginOf(Model);
        var useModel = model != Origin.Default && model >= strongestPart;
        var useParts = model <= strongestPart;
        return new FlamingoOptions
        {
            ModelPath = useModel ? settings.Get(Model) : null,
            VisionPath = useParts ? settings.Get(Vision) : null,
            LanguagePath = useParts ? settings.Get(Language) : null,
            CheckpointPath = useParts ? settings.Get(Checkpoint) : null,
            TokenizerPath = settings.Get(Tokenizer),
        };
    }

    private static DType ParseType(string text) => text switch
    {
        "f32" => DType.F32,
        "bf16" => DType.BF16,
        "f16" => DType.F16,
        _ => throw new FormatException(),
    };

    private static long ParseSize(string text)
    {
        var (unit, length) = text switch
        {
            _ when text.EndsWith("GiB", StringComparison.OrdinalIgnoreCase) => (1L << 30, 3),
            _ when text.EndsWith("MiB", StringComparison.OrdinalIgnoreCase) => (1L << 20, 3),
            _ when text.EndsWith('G') || text.EndsWith('g') => (1L << 30, 1),
            _ when text.EndsWith('M') || text.EndsWith('m') => (1L << 20, 1),
            _ => (1L, 0),
        };
        var number = decimal.Parse(text.AsSpan(0, text.Length - length).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return checked((long)(number * unit));
    }
}
