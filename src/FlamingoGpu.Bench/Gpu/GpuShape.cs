using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>One op at one shape, measured on a GPU.</summary>
/// <param name="Name">Name of the shape, as the peers call it where they have it: <c>vit.B8.up</c>.</param>
/// <param name="Op">The op.</param>
/// <param name="Inputs">Types of its inputs; i32 ones hold zeros.</param>
/// <param name="Unit"><c>TFLOP/s</c> or <c>GB/s</c>.</param>
/// <param name="Work">Operations or bytes of one run, in units of 10¹² or 10⁹.</param>
internal sealed record GpuShape(string Name, Op Op, IReadOnlyList<TensorType> Inputs, string Unit, double Work)
{
    private const DType T = DType.BF16;

    /// <summary>The matrix products of the models, squares, single rows, attention and a copy.</summary>
    public static IReadOnlyList<GpuShape> Full { get; } =
    [
        Copy(16384, 8192),
        Product("lm.head", 1, 50280, 2048), Product("9B.M1.up", 1, 16384, 4096), Product("9B.M2.up", 2, 16384, 4096),
            Product("9B.M4.up", 4, 16384, 4096),
            Product("9B.M8.up", 8, 16384, 4096), Product("3B.M8.out", 8, 2048, 2048),
        Product("vit.B1.qkv", 257, 3072, 1024), Product("vit.B1.up", 257, 4096, 1024),
            Product("vit.B1.down", 257, 1024, 4096),
        Product("vit.B8.up", 2056, 4096, 1024), Product("vit.B16.up", 4112, 4096, 1024),
            Product("vit.B16.down", 4112, 1024, 4096),
        Product("3B.M32.down", 32, 2048, 8192), Product("3B.M512.up", 512, 8192, 2048),
            Product("3B.M512.down", 512, 2048, 8192),
        Product("9B.M512.up", 512, 16384, 4096), Product("9B.M512.down", 512, 4096, 16384),
        Product("square", 4096, 4096, 4096), Product("square", 8192, 8192, 8192),
        Vision(1), Vision(8), Vision(16), Vision(64),
        Causal(8, 2048, 16, 128, alibi: false), Causal(8, 2048, 16, 128, alibi: true),
            Causal(1, 512, 16, 128, alibi: true),
        Decode(8192, 16, 128),
    ];

    /// <summary>The same kinds, small enough for the virtual GPU.</summary>
    public static IReadOnlyList<GpuShape> Small { get; } =
    [
        Copy(64, 1024), Product("gemv", 1, 512, 512), Product("few rows", 32, 128, 256),
            Product("square", 128, 128, 128),
        Product("vit.up", 257, 128, 64), Attend("vit", 1, 1, 65, 64), Causal(1, 64, 1, 128, alibi: false),
            Causal(1, 64, 1, 128, alibi: true), Product("few rows", 4, 128, 256), Decode(256, 2, 64),
    ];

    /// <summary>M, N and K of a product, or null.</summary>
    public (int M, int N, int K)? Sizes => Op is MatMul
        ? ((int)Inputs[0].Shape[0], (int)Inputs[1].Shape[0], (int)Inputs[1].Shape[1]) : null;

    private static GpuShape Product(string name, int m, int n, int k)
    {
        var isRow = m <= 8;
        var bytes = 2.0 * n * k + 2.0 * m * k + 2.0 * m * n;
        return new GpuShape(
            $"{name} {m}x{n}x{k}", new MatMul(default) { OutputType = T }, [new(T, [m, k]), new(T, [n, k])],
            isRow ? "GB/s" : "TFLOP/s", isRow ? bytes / 1e9 : 2.0 * m * n * k / 1e12);
    }

    private static GpuShape Vision(int images) => Attend($"vit.B{images}", images, 16, 257, 64);

    private static GpuShape Attend(string name, int batch, int heads, int tokens, int dim)
    {
        TensorType type = new(T, [batch, tokens, heads * dim]);
        return new GpuShape(
            $"attention {name} {batch}x{tokens} {heads}x{dim}",
                new Attention(heads, dim, (float)(1 / Math.Sqrt(dim))) { OutputType = T },
            [type, type, type], "TFLOP/s", 4.0 * batch * heads * tokens * tokens * dim / 1e12);
    }

    /// <summary>One query and so many keys, shared out to blocks; bytes of keys and values.</summary>
    private static GpuShape Decode(int keys, int heads, int dim)
    {
        TensorType query = new(T, [1, 1, heads * dim]), row = new(T, [1, keys, heads * dim]);
        return new GpuShape(
            $"attention decode 1x{keys} {heads}x{dim}",
            new Attention(heads, dim, (float)(1 / Math.Sqrt(dim))) { OutputType = T }, [query, row, row], "GB/s",
            2.0 * 2 * keys * heads * dim / 1e9);
    }

    /// <summary>Half the operations of a full attention, as everybody counts it.</summary>
    private static GpuShape Causal(int batch, int tokens, int heads, int dim, bool alibi)
    {
        TensorType type = new(T, [batch, tokens, heads * dim]);
        List<TensorType> inputs = [type, type, type, type, type, TensorType.I32([batch])];
        if (alibi) inputs.Add(TensorType.F32([heads]));
        return new GpuShape(
            $"attention causal{(alibi ? " alibi" : "")} {batch}x{tokens} {heads}x{dim}",
            new CausalAttention(heads, dim, (float)(1 / Math.Sqrt(dim)), alibi) { OutputType = T }, inputs, "TFLOP/s",
            2.0 * batch * heads * tokens * tokens * dim / 1e12);
    }

    private static GpuShape Copy(int rows, int columns) => new(
        $"copy {rows}x{columns} f32", new RepeatRows(1), [TensorType.F32([rows, columns])], "GB/s",
            8.0 * rows * columns / 1e9);
}
