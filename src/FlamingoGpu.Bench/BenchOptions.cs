using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;

namespace FlamingoGpu.Bench;

/// <summary>What to measure and how long.</summary>
public sealed record BenchOptions
{
    /// <summary>The model's shape; weights of that shape are made on the spot.</summary>
    public required FlamingoConfig Config { get; init; }

    /// <summary>Type of the weights: f32, f16 or bf16.</summary>
    public DType WeightType { get; init; } = DType.BF16;

    /// <summary>Type of the key-value cache, or null for that of the weights.</summary>
    public DType? KvCache { get; init; }

    /// <summary>Tokens of the prompt; decoding goes on behind it.</summary>
    public int Context { get; init; } = 512;

    /// <summary>Images in the prompt.</summary>
    public int Images { get; init; } = 1;

    /// <summary>Threads, or null for all cores.</summary>
    public int? Threads { get; init; }

    /// <summary>Parts to leave out.</summary>
    public BenchParts Skip { get; init; }

    /// <summary>Rounds of decoding, each a burst of tokens between two readings of the memory bandwidth.</summary>
    public int Rounds { get; init; } = 8;

    /// <summary>Least duration of a decode burst.</summary>
    public TimeSpan Burst { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whole requests measured from picture to first token.</summary>
    public int Requests { get; init; } = 3;

    /// <summary>Bytes the bandwidth probe reads in one pass; must be far beyond all caches.</summary>
    public long ProbeBytes { get; init; } = 1L << 30;

    /// <summary>Least duration of one reading of a limit of the machine.</summary>
    public TimeSpan ProbeTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Matrix products compared with OpenBLAS.</summary>
    public IReadOnlyList<GemmShape> GemmShapes { get; init; } =
        [new(257, 1024, 1024), new(257, 4096, 1024), new(257, 1024, 4096), new(64, 2048, 2048), new(512, 8192, 2048)];

    /// <summary>Duration of the pairs of one matrix product, per weight type.</summary>
    public TimeSpan GemmTime { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>File name or path of OpenBLAS, or null for the system's usual names.</summary>
    public string? OpenBlasLibrary { get; init; }

    /// <summary>
    /// Executable and first arguments of a process that calls <see cref="PeakMemoryChild.Run"/> with the arguments of
    /// <see cref="PeakMemoryChild.Arguments"/> behind them; null when there is none.
    /// </summary>
    public IReadOnlyList<string>? ChildCommand { get; init; }

    /// <summary>Folder for the weights, or null for the system's temporary folder. What is made in it is deleted.</summary>
    public string? WorkFolder { get; init; }

    /// <summary>Stands between the bench and the kernels, so that tests can break them.</summary>
    internal Func<IKernelLibrary, IKernelLibrary> Kernels { get; init; } = kernels => kernels;

    /// <summary>The shape with fewer layers everywhere, to try the bench in seconds; its figures mean nothing.</summary>
    /// <param name="config">A shape.</param>
    /// <param name="layers">Decoder layers; at least the interval of the gated blocks.</param>
    /// <exception cref="InvalidRequestException">Too few or too many layers.</exception>
    public static FlamingoConfig Shrink(FlamingoConfig config, int layers)
    {
        var (least, most) = (config.CrossAttention.Every, config.Language.Layers);
        if (layers < least || layers > most)
            throw new InvalidRequestException(
                $"--layers is {layers}; {config.Name} can be measured with {least} to {most}.");
        return config with
        {
            Name = layers == most ? config.Name : $"{config.Name}-{layers}-layers",
            Language = config.Language with { Layers = layers },
            Vision = config.Vision with { Layers = Math.Min(layers, config.Vision.Layers) },
            Resampler = config.Resampler with { Depth = Math.Min(layers, config.Resampler.Depth) },
        };
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidRequestException">Names the option, its value and its range.</exception>
    public void Validate()
    {
        if (!WeightType.IsWeightFloat())
            throw new InvalidRequestException($"--dtype is {WeightType.ShortName()}; it must be bf16, f16 or f32.");
        var longest = Config.Language.Context - 1;
        if (Context < 2 || Context > longest)
            throw new InvalidRequestException($"--context is {Context}; it must be 2 to {longest}.");
        if (Images < 0 || Images > Context / 2)
            throw new InvalidRequestException(
                $"--images is {Images}; {Context} tokens have room for 0 to {Context / 2}.");
        if (Threads is < 1) throw new InvalidRequestException($"--threads is {Threads}; it must be at least 1.");
        if (Rounds < 1 || Requests < 1 || ProbeBytes < 1 << 20)
            throw new InvalidRequestException(
                $"{Rounds} rounds, {Requests} requests and {ProbeBytes} probe bytes; they must be at least 1, 1 and 1 MiB.");
    }
}
