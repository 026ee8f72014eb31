using FlamingoGpu.Core;
using FlamingoGpu.Gpu.Tests.Launches;
using FlamingoGpu.Kernels;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>
/// What is mutated: the sample kernels with their launches, and every kernel that the ops below run on. An op more is
/// one line.
/// </summary>
internal static class Subjects
{
    private const string SamplePrefix = "sample ";

    private static readonly OpUnderMutation[] Ops =
    [
        // Tensor cores, ragged and whole; 10 steps turn every ring.
        new(new MatMul(new Epilogue(Bias: true, Residual: true)), BF16(1, 70, 600), BF16(2, 72, 600), F32(3, 72),
            F32(4, 70, 72)) { ComputeMajor = 8 },
        new(new MatMul(new Epilogue()), BF16(1, 30, 640), BF16(2, 70, 640)) { ComputeMajor = 8 },
        new(new MatMul(new Epilogue()), BF16(1, 62, 704), BF16(2, 72, 704)) { ComputeMajor = 8 },
        new(new MatMul(new Epilogue()), BF16(1, 70, 588), BF16(2, 72, 588)), // copied in 8 bytes
        new(new MatMul(new Epilogue(Bias: true, Residual: true)), BF16(1, 70, 600), BF16(2, 72, 600), F32(3, 72),
            F32(4, 70, 72)),
        new(new MatMul(new Epilogue()), BF16(1, 62, 704), BF16(2, 72, 704)),

        // Multiply-adds: odd sizes, vectors, the inner axis cut into parts.
        new(new MatMul(new Epilogue(Bias: true, Residual: true)), F32(1, 70, 93), F32(2, 45, 93), F32(3, 45),
            F32(4, 70, 45)),
        new(new MatMul(new Epilogue()), F32(1, 70, 124), BF16(2, 48, 124)),
        new(new MatMul(new Epilogue()), F32(1, 33, 1020), F32(2, 37, 1020)),

        new(new MatMul(new Epilogue(Bias: true)), BF16(1, 1, 4104), BF16(2, 37, 4104), F32(3, 37)),
        new(new MatMul(new Epilogue()), F32(1, 5, 2054), F32(2, 37, 2054)),
        new(new MatMul(new Epilogue()), BF16(1, 3, 2600), BF16(2, 37, 2600)), // tensor cores: whole steps, pieces, 8
        new(new MatMul(new Epilogue()), BF16(1, 11, 2184), BF16(2, 37, 2184)),
        new(new MatMul(new Epilogue()), BF16(1, 3, 4100), BF16(2, 37, 4100)),
        new(NormedMatMul.Of(new LayerNorm(1e-5f, Bias: true), new MatMul(new Epilogue())), F32(1, 2, 3084),
            F32(2, 3084), F32(3, 3084), BF16(4, 10, 3084)),

        new(new Attention(2, 24, 0.2f), F32(1, 1, 37, 48), F32(2, 1, 69, 48), F32(3, 1, 69, 48)),
        new(new Attention(1, 80, 0.11f), BF16(1, 1, 70, 80), BF16(2, 1, 258, 80), BF16(3, 1, 258, 80))
            { ComputeMajor = 8 },
        new(new Attention(1, 80, 0.11f), BF16(1, 1, 70, 80), BF16(2, 1, 30, 80), BF16(3, 1, 30, 80))
            { ComputeMajor = 8 },
        new(new Attention(16, 16, 0.25f), BF16(1, 1, 120, 256), BF16(2, 1, 290, 256), BF16(3, 1, 290, 256))
            { ComputeMajor = 8 },
        new(new Attention(1, 80, 0.11f), BF16(1, 1, 70, 80), BF16(2, 1, 389, 80), BF16(3, 1, 389, 80)),
        new(new Attention(1, 80, 0.11f), BF16(1, 1, 70, 80), BF16(2, 1, 96, 80), BF16(3, 1, 96, 80)),
        new(new CausalAttention(2, 24, 0.2f, Alibi: true), F32(1, 2, 37, 48), F32(2, 2, 37, 48), F32(3, 2, 37, 48),
            F32(4, 2, 54, 48), F32(5, 2, 54, 48), Integers(2, 17, 9), F32(6, 2)),
        new(new CausalAttention(1, 64, 0.13f, Alibi: false), BF16(1, 1, 70, 64), BF16(2, 1, 70, 64),
            BF16(3, 1, 70, 64), BF16(4, 1, 400, 64), BF16(5, 1, 400, 64), Integers(1, 323)) { ComputeMajor = 8 },
        new(new CausalAttention(1, 64, 0.13f, Alibi: false), BF16(1, 1, 40, 64), BF16(2, 1, 40, 64),
            BF16(3, 1, 40, 64), BF16(4, 1, 400, 64), BF16(5, 1, 400, 64), Integers(1, 0)) { ComputeMajor = 8 },
        new(new CausalAttention(1, 32, 0.18f, Alibi: true, RotaryDims: 16, RotaryBase: 10) { OutputType = DType.BF16 },
            BF16(1, 2, 70, 32), BF16(2, 2, 70, 32), BF16(3, 2, 70, 32), BF16(4, 2, 420, 32), BF16(5, 2, 420, 32),
            Integers(2, 330, 999), F32(6, 1)) { ComputeMajor = 8 },
        new(new CausalAttention(8, 16, 0.13f, Alibi: false), BF16(1, 1, 70, 128), BF16(2, 1, 70, 128),
            BF16(3, 1, 70, 128), BF16(4, 1, 480, 128), BF16(5, 1, 480, 128), Integers(1, 380)),
        new(new CausalAttention(8, 16, 0.13f, Alibi: false), BF16(1, 1, 70, 128), BF16(2, 1, 70, 128),
            BF16(3, 1, 70, 128), BF16(4, 1, 480, 128), BF16(5, 1, 480, 128), Integers(1, 0)),
        new(new CausalAttention(1, 32, 0.18f, Alibi: true, RotaryDims: 16, RotaryBase: 10) { OutputType = DType.BF16 },
            BF16(1, 2, 70, 32), BF16(2, 2, 70, 32), BF16(3, 2, 70, 32), BF16(4, 2, 480, 32), BF16(5, 2, 480, 32),
            Integers(2, 380, 999), F32(6, 1)),
        new(new CausalAttention(1, 32, 0.18f, Alibi: true, RotaryDims: 16, RotaryBase: 10) { OutputType = DType.BF16 },
            BF16(1, 1, 65, 32), BF16(2, 1, 65, 32), BF16(3, 1, 65, 32), BF16(4, 1, 128, 32), BF16(5, 1, 128, 32),
            Integers(1, 63), F32(6, 1)), // one tile, which the second block's only query sees all of
        new(new LatentAttention(1, 32, 0.18f), BF16(1, 1, 37, 32), BF16(2, 1, 260, 32), BF16(3, 1, 260, 32),
            BF16(4, 1, 37, 32), BF16(5, 1, 37, 32)),
        new(new LatentAttention(1, 32, 0.18f), BF16(1, 1, 37, 32), BF16(2, 1, 20, 32), BF16(3, 1, 20, 32),
            BF16(4, 1, 37, 32), BF16(5, 1, 37, 32)),
        new(new MediaCrossAttention(1, 24, 0.2f), F32(1, 1, 6, 24), F32(2, 3, 37, 24), F32(3, 3, 37, 24),
            Integers(12, 0, 0, 0, 1, 1, 1, 1, 2, 2, -1, 99, 0)),
        new(new MediaCrossAttention(1, 32, 0.18f), BF16(1, 1, 70, 32), BF16(2, 4, 162, 32), BF16(3, 4, 162, 32),
            Spans((5, 0, 0), (20, 0, 1), (20, 1, 1), (20, 2, 1), (5, 3, -1))),
        new(new MediaCrossAttention(1, 32, 0.18f), BF16(1, 1, 9, 32), BF16(2, 4, 162, 32), BF16(3, 4, 162, 32),
            Spans((9, 1, 1))),
        new(new MediaCrossAttention(1, 32, 0.18f), BF16(1, 1, 9, 32), BF16(2, 4, 162, 32), BF16(3, 4, 162, 32),
            Spans((4, 0, 0), (5, 99, 0))),

        // One query: keys shared out, appended, from a cache that has none.
        new(new Attention(2, 40, 0.16f), BF16(1, 2, 1, 80), BF16(2, 2, 690, 80), BF16(3, 2, 690, 80)),
        new(new Attention(1, 20, 0.2f), F32(1, 1, 1, 20), F32(2, 1, 34, 20), F32(3, 1, 34, 20)),
        new(new CausalAttention(2, 32, 0.18f, Alibi: true, KeyHeads: 1, RotaryDims: 16), BF16(1, 4, 1, 64),
            BF16(2, 4, 1, 32), BF16(3, 4, 1, 32), BF16(4, 4, 400, 32), BF16(5, 4, 400, 32),
            Integers(4, 325, 0, 17, 999), F32(6, 2)),

        new(new LayerNorm(1e-5f, Bias: true), F32(1, 5, 443), F32(2, 443), F32(3, 443)),
        new(new LayerNorm(1e-5f, Bias: false), F32(1, 3, 4097), F32(2, 4097)),
        new(new LayerNorm(1e-5f, Bias: true), F32(1, 2, 16400), F32(2, 16400), F32(3, 16400)),
        new(new LayerNorm(1e-5f, Bias: false) { Groups = 2 }, F32(1, 3, 886), F32(2, 443), F32(3, 443)),
        new(new RmsNorm(1e-5f), BF16(1, 5, 236), F32(2, 236)),
        new(new LogSoftmax(), F32(1, 3, 517)),
        new(new LogSoftmax(), Exactly(DType.F32, [2, 7], 1, 2, double.NaN, 0, 3, 1, 2, 5, 4, 3, 2, 1, 0, -1)),

        new(new Activate(Activation.GeluErf), Wide(1, 9, 77)),
        new(new AddRows(2), F32(1, 10, 300), F32(2, 3, 300)),
        new(new AssembleTokens(), F32(1, 2, 3, 300), F32(2, 300), F32(3, 4, 300)),
        new(new ExtractPatches(7), F32(1, 2, 3, 16, 23)),
        new(new Rotary(2, 20, 12, 10000f), F32(1, 2, 5, 40), Integers(10, 0, 1, 2, 3, 4, 90, 91, 92, 93, -1)),
        new(new Rotary(2, 16, 16, 10000f), BF16(1, 2, 5, 32), Integers(10, 0, 1, 2, 3, 4, 90, 91, 92, 93, -1)),
        new(new SelectRows(), F32(1, 9, 300), Integers(5, 8, 0, 3, -1, 9)),
        new(new SliceTokens(1, 3), F32(1, 2, 5, 77)),

        new(new ArgMax(), Spoiled(1, 3, 1030)),
        new(new ArgMax(), Spoiled(1, 3, 4100)),
        new(new ArgMax(), Exactly(DType.F32, [1, 139264], Falling(139264, best: 5000))),
        new(new TopK(5), Spoiled(1, 4, 300)),
        new(new TopK(5), Exactly(DType.F32, [1, 300], [.. Falling(300, best: 0).Reverse()])),
        new(new SampleToken(0.8f, TopK: 40, TopP: 0.9f, MinP: 0.01f), Spoiled(1, 5, 300),
            Exactly(DType.F32, [5], 0.3, 0.4, 0.1, 0.5, 0.97)),
        new(new SampleToken(0.8f, TopK: 40, TopP: 0.9f, MinP: 0.01f), Wide(1, 4, 300),
            Exactly(DType.F32, [4], 0.1, 0.5, 0.97, 0.9999999)),
        new(new SampleToken(20f, TopK: 100, TopP: 0.9f, MinP: 0.01f),
            Exactly(DType.F32, [1, 300], Falling(300, best: 0)), Exactly(DType.F32, [1], 0.8)),
        new(new SampleToken(4f, TopK: 250, TopP: 0.95f, MinP: 0.4f), Spoiled(2, 4, 300),
            Exactly(DType.F32, [4], 0.3, 0.4, 0.99, 0.6)),
        new(new ProcessLogits(1.3f), Spoiled(1, 2, 77), Integers(3, 5, 0, 4), Integers(6, 1 << 20, 3, 1, 0, 7, 9)),
        new(new PickElements(), F32(1, 3, 40), Exactly(DType.I32, [3, 2], 0, 39, -1, 40, 7, 8)),
        new(new BeamScores(), Spoiled(1, 5, 517), F32(2, 5), Integers(17, [-1, .. new int[16]])),
    ];

    private static readonly Dictionary<string, MutationSubject> All = Create();

    public static IReadOnlyCollection<string> Names => All.Keys;

    public static MutationSubject Named(string name) => All[name];

    /// <summary>Whether it is one of the kernel language's samples, not a kernel of the product.</summary>
    public static bool IsSample(string name) => name.StartsWith(SamplePrefix, StringComparison.Ordinal);

    private static Dictionary<string, MutationSubject> Create()
    {
        var all = new Dictionary<string, MutationSubject>(StringComparer.Ordinal);
        foreach (var cases in SampleCases.All.GroupBy(c => c.Kernel.Name))
        {
            var kernel = cases.First().Kernel;
            all.Add(SamplePrefix + cases.Key, new MutationSubject(cases.Key, kernel.Text, (text, options) =>
                Joined(cases.Select(launch => launch.Run(options, text)))));
        }

        foreach (var use in Ops.SelectMany(op => op.Kernels().Select(kernel => (Op: op, Kernel: kernel)))
            .GroupBy(use => use.Kernel.Name))
        {
            var kernel = use.First().Kernel;
            var expected = new Dictionary<OpUnderMutation, OpUnderMutation.Results>(ReferenceEqualityComparer.Instance);
            foreach (var (op, _) in use)
            {
                op.Run(kernel.Name, kernel.Text, null, new(), out var result);
                expected.Add(op, result);
            }

            all.Add(kernel.Name, new MutationSubject(kernel.Name, kernel.Text, (text, options) =>
                Joined(use.Select(one => one.Op.Run(kernel.Name, text, expected[one.Op], options)))));
        }

        return all;
    }

    /// <summary>Launches until one is not right.</summary>
    private static LaunchOutcome Joined(IEnumerable<LaunchOutcome> outcomes)
    {
        var reports = new List<LaunchReport>();
        string? wrong = null;
        foreach (var outcome in outcomes)
        {
            reports.AddRange(outcome.Reports);
            wrong ??= outcome.WrongResult;
            if (outcome.Findings.Any()) break;
        }

        return new LaunchOutcome(reports, wrong);
    }

    private static (Numbers Numbers, Shape Shape) F32(int seed, params long[] extents) =>
        Random(DType.F32, seed, extents);

    private static (Numbers Numbers, Shape Shape) BF16(int seed, params long[] extents) =>
        Random(DType.BF16, seed, extents);

    /// <summary>Numbers that reach every branch of an activation.</summary>
    private static (Numbers Numbers, Shape Shape) Wide(int seed, params long[] extents) =>
        Random(DType.F32, seed, extents, scale: 7);

    private static (Numbers Numbers, Shape Shape) Random(DType type, int seed, long[] extents, double scale = 1)
    {
        var shape = Shape.Create(extents);
        return (Numbers.Random(type, (int)shape.ElementCount, seed, scale), shape);
    }

    /// <summary>Rows of numbers of which many are equal; the first has a NaN and the second an infinity.</summary>
    private static (Numbers Numbers, Shape Shape) Spoiled(int seed, params long[] extents)
    {
        var (numbers, shape) = Random(DType.F32, seed, extents, scale: 4);
        var values = Array.ConvertAll(Numbers.Decode(DType.F32, numbers.Bytes), value => Math.Round(value));
        values[7] = double.NaN;
        values[extents[1] + 9] = double.PositiveInfinity;
        return (new Numbers(DType.F32, values), shape);
    }

    /// <summary>Ever smaller numbers, but one that is the largest.</summary>
    private static double[] Falling(int count, int best) =>
        [.. Enumerable.Range(0, count).Select(i => i == best ? 1.0 : -i)];

    private static (Numbers Numbers, Shape Shape) Exactly(DType type, Shape shape, params double[] values) =>
        (new Numbers(type, values), shape);

    /// <summary>The media that so many neighbouring rows see.</summary>
    private static (Numbers Numbers, Shape Shape) Spans(params (int Rows, int First, int Media)[] runs)
    {
        var values = runs.SelectMany(run => Enumerable.Repeat(new[] { run.First, run.Media }, run.Rows)).ToArray();
        return Integers(2 * values.Length, [.. values.SelectMany(span => span)]);
    }

    private static (Numbers Numbers, Shape Shape) Integers(int count, params int[] values) =>
        (new Numbers(DType.I32, values.Select(value => (double)value)), Shape.Create([count]));
}
