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
    private static readonly OpUnderMutation[] Ops =
    [
        // Tensor cores, ragged and whole; 10 steps turn every ring at least twice.
        new(new MatMul(new Epilogue(Bias: true, Residual: true)), BF16(1, 70, 600), BF16(2, 72, 600), F32(3, 72),
            F32(4, 70, 72)),
        new(new MatMul(new Epilogue()), BF16(1, 30, 640), BF16(2, 70, 640)),
        new(new MatMul(new Epilogue()), BF16(1, 70, 588), BF16(2, 72, 588)), // copied in 8 bytes

        // Multiply-adds: odd sizes, vectors, the inner axis cut into parts.
        new(new MatMul(new Epilogue(Bias: true, Residual: true)), F32(1, 70, 93), F32(2, 45, 93), F32(3, 45),
            F32(4, 70, 45)),
        new(new MatMul(new Epilogue()), F32(1, 70, 124), BF16(2, 48, 124)),
        new(new MatMul(new Epilogue()), F32(1, 33, 1020), F32(2, 37, 1020)),

        new(new MatMul(new Epilogue(Bias: true)), BF16(1, 1, 4104), BF16(2, 37, 4104), F32(3, 37)),
        new(new MatMul(new Epilogue()), F32(1, 5, 1030), F32(2, 37, 1030)),
        new(NormedMatMul.Of(new LayerNorm(1e-5f, Bias: true), new MatMul(new Epilogue())), F32(1, 3, 1036),
            F32(2, 1036), F32(3, 1036), BF16(4, 10, 1036)),

        new(new Attention(2, 24, 0.2f), F32(1, 1, 37, 48), F32(2, 1, 69, 48), F32(3, 1, 69, 48)),
        new(new Attention(1, 80, 0.11f), BF16(1, 1, 70, 80), BF16(2, 1, 290, 80), BF16(3, 1, 290, 80)),
        new(new CausalAttention(2, 24, 0.2f, Alibi: true), F32(1, 2, 37, 48), F32(2, 2, 37, 48), F32(3, 2, 37, 48),
            F32(4, 2, 54, 48), F32(5, 2, 54, 48), Integers(2, 17, 9), F32(6, 2)),
        new(new CausalAttention(1, 64, 0.13f, Alibi: false), BF16(1, 1, 70, 64), BF16(2, 1, 70, 64),
            BF16(3, 1, 70, 64), BF16(4, 1, 400, 64), BF16(5, 1, 400, 64), Integers(1, 323)),
        new(new LatentAttention(1, 32, 0.18f), BF16(1, 1, 37, 32), BF16(2, 1, 260, 32), BF16(3, 1, 260, 32),
            BF16(4, 1, 37, 32), BF16(5, 1, 37, 32)),
        new(new LatentAttention(1, 32, 0.18f), BF16(1, 1, 37, 32), BF16(2, 1, 20, 32), BF16(3, 1, 20, 32),
            BF16(4, 1, 37, 32), BF16(5, 1, 37, 32)),
        new(new MediaCrossAttention(1, 24, 0.2f), F32(1, 1, 5, 24), F32(2, 3, 37, 24), F32(3, 3, 37, 24),
            Integers(10, 0, 0, 0, 1, 1, 1, 1, 2, 2, -1)),

        new(new LayerNorm(1e-5f, Bias: true), F32(1, 5, 443), F32(2, 443), F32(3, 443)),
        new(new LayerNorm(1e-5f, Bias: false), F32(1, 3, 4097), F32(2, 4097)),
        new(new LayerNorm(1e-5f, Bias: false) { Groups = 2 }, F32(1, 3, 886), F32(2, 443), F32(3, 443)),
        new(new RmsNorm(1e-5f), BF16(1, 5, 236), F32(2, 236)),
        new(new LogSoftmax(), F32(1, 3, 517)),
        new(new Activate(Activation.GeluErf), Wide(1, 9, 77)),
    ];

    private static readonly Dictionary<string, MutationSubject> All = Create();

    public static IReadOnlyCollection<string> Names => All.Keys;

    public static MutationSubject Named(string name) => All[name];

    private static Dictionary<string, MutationSubject> Create()
    {
        var all = new Dictionary<string, MutationSubject>(StringComparer.Ordinal);
        foreach (var cases in SampleCases.All.GroupBy(c => c.Kernel.Name))
        {
            all.Add($"sample {cases.Key}", new MutationSubject(cases.Key, cases.First().Kernel.Text, (text, options) =>
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

    private static (Numbers Numbers, Shape Shape) Integers(int count, params int[] values) =>
        (new Numbers(DType.I32, values.Select(value => (double)value)), Shape.Create([count]));
}
