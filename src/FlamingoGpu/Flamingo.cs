using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Images;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;
using FlamingoGpu.Models.Preprocessing;
using FlamingoGpu.Models.Prompts;
using FlamingoGpu.Models.Tokenization;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu;

/// <summary>
/// A loaded Flamingo, ready to continue prompts of interleaved text and images. One request runs at a time; concurrent
/// calls wait for each other.
/// </summary>
/// <example>
/// <code>
/// using var flamingo = Flamingo.Load(new FlamingoOptions { ModelPath = "weights/flamingo-tiny" });
/// var picture = flamingo.Prepare(File.ReadAllBytes("weights/pictures/flamingo.jpg"), "flamingo.jpg");
/// var prompt = flamingo.Encode(Prompt.Parse("&lt;image&gt;Output:", imageCount: 1), [picture]);
/// Console.WriteLine(flamingo.Generate(prompt, new GenerationOptions { MaxNewTokens = 20 }).Text);
/// </code>
/// </example>
public sealed class Flamingo : IDisposable
{
    private const long LargestPictureBytes = 256 << 20;

    private static readonly RequestShape TypicalRequest = new(Rows: 1, PromptTokens: 32, NewTokens: 32, Media: 1);

    private readonly ComputeDevice _compute;
    private readonly ImagePreprocessor _preprocessor;
    private readonly Lock _gate = new();
    private bool _isDisposed;

    private Flamingo(FlamingoModel model, BpeTokenizer? tokenizer, ComputeDevice compute, long memoryLimit)
    {
        (Model, Tokenizer, _compute) = (model, tokenizer, compute);
        var vision = model.Config.Vision;
        _preprocessor = new ImagePreprocessor(new PreprocessingConfig { ImageHeight = vision.ImageHeight, ImageWidth = vision.ImageWidth });
        Media = new MediaEncoder(model, compute);
        Requests = new RequestPool(model, compute, memoryLimit, RequestPool.CapacityFor(compute));
    }

    /// <summary>The model.</summary>
    public FlamingoModel Model { get; }

    /// <summary>The tokenizer, or null when the model was loaded without one.</summary>
    public ITokenizer? Tokenizer { get; }

    /// <summary>The device.</summary>
    public ComputeDevice Compute => _compute;

    /// <summary>The vision side with its memory of latents.</summary>
    public MediaEncoder Media { get; }

    /// <summary>What the last requests were bound to.</summary>
    internal RequestPool Requests { get; }

    /// <summary>Timings of the last request.</summary>
    public Timings LastTimings { get; internal set; } = new();

    /// <summary>Hears about every node of the text graphs of later requests; null costs nothing.</summary>
    public IExecutionListener? Listener { get; set; }

    /// <summary>Ids that end a caption or answer by default: end-of-chunk and the language model's end of text.</summary>
    public IReadOnlyList<int> DefaultStopIds => Model.Config.Tokens.Eos >= 0
        ? [Model.Config.Tokens.EndOfChunk, Model.Config.Tokens.Eos]
        : [Model.Config.Tokens.EndOfChunk];

    /// <summary>Opens the files, checks them and makes the model ready; weights stay mapped.</summary>
    /// <param name="options">What and where.</param>
    /// <param name="progress">Bytes of weights checked so far, and all bytes; may be null.</param>
    /// <exception cref="InvalidFileException">A file is damaged or missing, or the parts do not belong together.</exception>
    /// <exception cref="InvalidRequestException">The options contradict each other.</exception>
    /// <exception cref="DeviceException">There is no such device, or the weights and the largest request do not fit;
    /// that is found out from the headers, before any weight is read.</exception>
    /// <exception cref="NonFiniteException">A weight is NaN or infinite.</exception>
    public static Flamingo Load(FlamingoOptions options, IProgress<(long Done, long Total)>? progress = null)
    {
        var files = options.Locate();
        var tokenizer = FlamingoTokenizer.TryLoad(files);
        var loading = new LoadOptions
        {
            MatrixType = options.MatrixType,
            Set = options.Set,
            Tokens = tokenizer is null ? null : SpecialTokens.Find(tokenizer),
        };
        ComputeDevice? compute = null;
        FlamingoModel? model = null;
        try
        {
            long memoryLimit;
            bool roomForCopies;
            DType kvCache;
            using (var shapes = OpenFlamingoLoader.Load(files, loading with { HeadersOnly = true }))
            {
                var isCpu = options.Device == "cpu";
                var activations = options.Activations ?? (isCpu ? DType.F32 : shapes.Weights.MatrixType);
                kvCache = options.KvCache ?? options.Activations ?? shapes.Weights.MatrixType;
                ComputeDevice.RequireTypes(options.Device, activations, kvCache);
                if (!isCpu) compute = ComputeDevice.Open(options.Device, activations: activations, kvCache: kvCache);
                memoryLimit = options.MemoryLimit ?? compute?.TotalBytes ?? MachineMemory.TotalBytes;
                var plan = PlanLargest(shapes, options, activations, kvCache, compute?.WorkspaceBytes ?? 0);
                plan.RequireFits(memoryLimit, options.Device);
                roomForCopies = plan.TotalBytes <= memoryLimit - memoryLimit / 5;
                if (compute is { Device: GpuDevice { Driver.LoadsConcurrently: true } })
                    BoundRequest.BeginLoadingKernels(shapes, compute, options.LargestRequest ?? TypicalRequest);
            }

            model = OpenFlamingoLoader.Load(files, loading);
            compute ??= ComputeDevice.Open(
                options.Device, options.Threads, roomForCopies && !options.MapWeights, options.Activations ?? DType.F32,
                kvCache);
            model.Weights.MakeResident(compute.Device, options.CheckWeights, progress);
            return new Flamingo(model, tokenizer, compute, memoryLimit);
        }
        catch
        {
            compute?.Dispose();
            model?.Dispose();
            throw;
        }
    }

    private static MemoryPlan PlanLargest(
        FlamingoModel shapes, FlamingoOptions options, DType activations, DType kvCache, long workspaceBytes)
    {
        var largest = options.LargestRequest ?? new RequestShape(Rows: 1, PromptTokens: 1, NewTokens: 0, Media: 0);
        var tokens = (long)largest.PromptTokens + largest.NewTokens + largest.ExtendTokens;
        if (tokens > shapes.Language.Context)
            throw new InvalidRequestException($"a request of {tokens} tokens is asked for, but the model's context is {shapes.Language.Context}. Use fewer new tokens.");
        if (options.Device != "cpu") largest = largest.Rounded(shapes.Language.Context);
        return MemoryPlan.For(shapes, largest, activations, workspaceBytes, kvCache: kvCache);
    }

    /// <summary>Decodes and prepares a picture as the model was trained with.</summary>
    /// <param name="file">PNG, JPEG, GIF; other formats when ffmpeg is installed.</param>
    /// <param name="name">For error messages.</param>
    /// <exception cref="InvalidFileException">The picture is damaged, too large or of an unknown format.</exception>
    public MediaPixels Prepare(ReadOnlySpan<byte> file, string name) =>
        new(_preprocessor.Process(ImageDecoders.Decode(file, name)));

    /// <summary>Reads, decodes and prepares a picture that a user named.</summary>
    /// <exception cref="InvalidFileException">There is no such file, or the picture is damaged, too large or of an unknown format.</exception>
    public MediaPixels Prepare(ImageReference image)
    {
        if (image.Path is null) return Prepare(image.Data.Span, image.Name);
        try
        {
            var file = new FileInfo(image.Path);
            if (file.Exists && file.Length > LargestPictureBytes)
                throw new InvalidFileException(image.Name, $"{file.Length:N0} bytes; pictures are read up to {LargestPictureBytes:N0} bytes.");
            return Prepare(File.ReadAllBytes(image.Path), image.Name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidFileException(image.Name, $"cannot be read: {error.Message}", inner: error);
        }
    }

    /// <summary>Turns a prompt and its pictures into what the engine takes.</summary>
    /// <param name="prompt">Text pieces and image markers.</param>
    /// <param name="media">One per marker, in order.</param>
    /// <param name="parseSpecial">True: special tokens written in the text count as such; false: they are text.</param>
    /// <exception cref="InvalidRequestException">Markers and pictures differ in number, or there is no tokenizer.</exception>
    public SequenceInput Encode(Prompt prompt, IReadOnlyList<MediaPixels> media, bool parseSpecial = false)
    {
        if (prompt.ImageCount != media.Count)
            throw new InvalidRequestException($"the prompt has {prompt.ImageCount} <image> markers but {media.Count} pictures were given; give one picture per marker.");
        var encoded = new PromptEncoder(RequireTokenizer(), Model.Config.Tokens).Encode(prompt, parseSpecial);
        return new SequenceInput(encoded.TokenIds, encoded.MediaPositions, media);
    }

    /// <summary>Continues one prompt.</summary>
    /// <inheritdoc cref="Generate(IReadOnlyList{SequenceInput}, GenerationOptions, Action{int, string}, CancellationToken)"/>
    public GenerationResult Generate(
        SequenceInput prompt, GenerationOptions options, Action<string>? onText = null, CancellationToken cancellation = default) =>
        Generate([prompt], options, onText is null ? null : (_, text) => onText(text), cancellation)[0];

    /// <summary>Continues a batch of prompts of any lengths and image counts; each as if it were alone.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="options">How tokens are chosen; without stop ids, <see cref="DefaultStopIds"/> apply.</param>
    /// <param name="onText">Gets (row, text) as it is generated, never a part of a character or of a stop text; with
    /// beams only at the end.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <exception cref="InvalidRequestException">An option or prompt is out of range; the message has the figures.</exception>
    /// <exception cref="DeviceException">The request does not fit the device's memory.</exception>
    /// <exception cref="NonFiniteException">A result is not finite; names the layer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<GenerationResult> Generate(
        IReadOnlyList<SequenceInput> prompts, GenerationOptions options,
        Action<int, string>? onText = null, CancellationToken cancellation = default)
    {
        options = Complete(options);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var start = Stopwatch.GetTimestamp();
            using var session = new TextSession(
                Model, _compute, Requests, prompts, options.MaxNewTokens, options.NumBeams, choice: options.Choice);
            var setup = Stopwatch.GetElapsedTime(start);
            session.Listen(Listener);
            Media.Listener = Listener;
            using var clock = new PhaseClock(_compute.Device);
            session.EncodeMedia(Media);
            clock.Mark();
            cancellation.ThrowIfCancellationRequested();
            session.Prefill();
            clock.Mark();
            var (media, prefill) = (clock.Phase(0), clock.Phase(1));
            IReadOnlyList<GenerationResult> results = [];
            var decode = Timings.Measure(() => results = options.NumBeams > 1
                ? SearchBeams(session, prompts, options, onText, cancellation)
                : Decode(session, prompts, options, onText, cancellation));
            LastTimings = new Timings
            {
                Setup = setup,
                Overhead = clock.Overhead,
                Media = media,
                MediaCount = prompts.Sum(prompt => prompt.Media.Count),
                Prefill = prefill,
                PromptTokens = prompts.Sum(prompt => prompt.TokenIds.Count),
                Decode = decode,
                NewTokens = results.Sum(result => result.TokenIds.Count),
                ArenaBytes = session.ArenaBytes,
            };
            return results;
        }
    }

    /// <summary>Continues one prompt as a stream of texts; the last is followed by the end of the sequence.</summary>
    /// <inheritdoc cref="Generate(IReadOnlyList{SequenceInput}, GenerationOptions, Action{int, string}, CancellationToken)"/>
    public async IAsyncEnumerable<string> StreamAsync(
        SequenceInput prompt, GenerationOptions options, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var channel = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var work = Task.Run(
            () =>
            {
                try
                {
                    Generate(prompt, options, text => channel.Writer.TryWrite(text), stop.Token);
                    channel.Writer.Complete();
                }
                catch (Exception error)
                {
                    channel.Writer.Complete(error);
                }
            },
            CancellationToken.None);
        try
        {
            await foreach (var text in channel.Reader.ReadAllAsync(cancellation).ConfigureAwait(false)) yield return text;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false); // a consumer that leaves early ends the work too
            await work.ConfigureAwait(false);
        }
    }

    /// <summary>Log-likelihood of given continuations of one prompt, which is run once.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="continuations">Token ids of each; none empty.</param>
    /// <param name="cancellation">Checked between groups of continuations.</param>
    /// <exception cref="InvalidRequestException">A continuation is empty, or does not fit the context.</exception>
    public IReadOnlyList<ContinuationScore> Score(
        SequenceInput prompt, IReadOnlyList<IReadOnlyList<int>> continuations, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return new ContinuationScorer(Model, _compute, Media, Requests).Score(prompt, continuations, cancellation);
        }
    }

    /// <summary>Log-likelihood of given texts as continuations of one prompt.</summary>
    /// <inheritdoc cref="Score(SequenceInput, IReadOnlyList{IReadOnlyList{int}}, CancellationToken)"/>
    public IReadOnlyList<ContinuationScore> Score(
        SequenceInput prompt, IReadOnlyList<string> continuations, CancellationToken cancellation = default) =>
        Score(prompt, [.. continuations.Select(text => (IReadOnlyList<int>)RequireTokenizer().Encode(text, parseSpecial: false, continuation: true))], cancellation);

    /// <summary>Frees model, device and everything kept on it; waits for the requests that came before.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            Requests.Dispose();
            Media.Dispose();
            _compute.Dispose();
            Model.Dispose();
        }
    }

    private List<GenerationResult> Decode(
        TextSession session, IReadOnlyList<SequenceInput> prompts, GenerationOptions options,
        Action<int, string>? onText, CancellationToken cancellation)
    {
        var generator = new TokenGenerator(session, options, [.. prompts.Select(prompt => prompt.TokenIds)]);
        var writers = prompts.Select(_ => new TextWriterRow(Tokenizer, options)).ToList();
        var seen = new int[prompts.Count];
        while (generator.MoveNext())
        {
            for (var row = 0; row < prompts.Count; row++)
            {
                if (generator.Ids(row).Count == seen[row]) continue;
                seen[row]++;
                var text = generator.EndedWithStopId(row) ? "" : writers[row].Append(generator.Ids(row)[^1]);
                if (writers[row].Stopped) generator.End(row);
                if (text.Length > 0) onText?.Invoke(row, text);
            }

            cancellation.ThrowIfCancellationRequested();
            generator.Step();
        }

        return [.. prompts.Select((prompt, row) => Finish(row, prompt, generator.Ids(row), writers[row], options, onText))];
    }

    private List<GenerationResult> SearchBeams(
        TextSession session, IReadOnlyList<SequenceInput> prompts, GenerationOptions options,
        Action<int, string>? onText, CancellationToken cancellation)
    {
        var search = new BeamSearch(options, [.. prompts.Select(prompt => prompt.TokenIds.Count)]);
        var best = search.Run(session, cancellation);
        var results = new List<GenerationResult>();
        for (var row = 0; row < prompts.Count; row++)
        {
            var writer = new TextWriterRow(Tokenizer, options);
            var text = string.Concat(best[row].Where(id => !options.StopIds.Contains(id)).Select(writer.Append));
            if (text.Length > 0) onText?.Invoke(row, text);
            results.Add(Finish(row, prompts[row], best[row], writer, options, onText));
        }

        return results;
    }

    private static GenerationResult Finish(
        int row, SequenceInput prompt, IReadOnlyList<int> ids, TextWriterRow writer, GenerationOptions options, Action<int, string>? onText)
    {
        var rest = writer.Flush();
        if (rest.Length > 0) onText?.Invoke(row, rest);
        var reason = writer.Stopped ? FinishReason.StopText
            : ids.Count > 0 && options.StopIds.Contains(ids[^1]) ? FinishReason.StopToken
            : FinishReason.Length;
        return new GenerationResult(writer.Text, [.. ids], reason, prompt.TokenIds.Count);
    }

    private GenerationOptions Complete(GenerationOptions options)
    {
        options.Validate();
        return options with
        {
            StopIds = options.StopIds.Count > 0 ? options.StopIds : DefaultStopIds,
            BannedIds = options.BannedIds.Contains(Model.Config.Tokens.Image) ? options.BannedIds : [.. options.BannedIds, Model.Config.Tokens.Image],
        };
    }

    private ITokenizer RequireTokenizer() => Tokenizer
        ?? throw new InvalidRequestException("the model has no tokenizer; put tokenizer.json beside the language model or give --tokenizer.");
}
