using FlamingoGpu.Core;
using FlamingoGpu.Gpu.Tests.Emission.Samples;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Gpu.Tests.Launches;

/// <summary>
/// Launches of the sample kernels: at least one regular and one ragged each, long enough for every ring to wrap around
/// twice. A bound is the unit roundoff of f32 times the rounding steps on the way times the sum of magnitudes, plus one
/// unit roundoff of bf16 for every value that is stored or multiplied in it.
/// </summary>
internal static class SampleCases
{
    private static readonly Dictionary<string, LaunchCase> Cases = Create().ToDictionary(c => c.Name);

    public static IReadOnlyCollection<LaunchCase> All => Cases.Values;

    public static LaunchCase Named(string name) => Cases[name];

    private static IEnumerable<LaunchCase> Create()
    {
        yield return Gelu(1024);
        yield return Gelu(2747);
        yield return Softmax(8, 64);
        yield return Softmax(5, 77);
        yield return LayerNorm(2, 256);
        yield return LayerNorm(3, 301);
        yield return RmsNorm(2, 128);
        yield return RmsNorm(3, 77);
        yield return Gemv(8, 256);
        yield return Gemv(11, 520);
        yield return Gemm(64, 64, 256);
        yield return Gemm(70, 90, 232);
        yield return FloatAttention(2, 8, 64);
        yield return FloatAttention(2, 7, 75);
        yield return TensorAttention(1, 64, 160);
        yield return TensorAttention(2, 70, 150);
    }

    private static LaunchCase Gelu(int count)
    {
        var x = Numbers.Random(DType.F32, count, 1, 5);
        var y = Enumerable.Range(0, count).Select(i => 0.5 * x[i] * (1 + Erf(x[i] / Math.Sqrt(2)))).ToArray();
        // Erf is within 2⁻²³ absolute; its argument, the sum with 1 and the products round once each.
        var bounds = y.Select((_, i) => (Math.Abs(x[i]) * 4 * Rounding.F32) + (Math.Abs(y[i]) * 4 * Rounding.F32));
        return Case("gelu_f32", $"{count}", [("count", count)],
            new Input(x), new Output(DType.F32, y, [.. bounds]), new Scalar(count));
    }

    private static LaunchCase Softmax(int rows, int columns)
    {
        var x = Numbers.Random(DType.F32, rows * columns, 2, 4);
        var y = new double[rows * columns];
        for (var row = 0; row < rows; row++)
        {
            var weights = Enumerable.Range(0, columns).Select(c => Math.Exp(x[(row * columns) + c])).ToArray();
            for (var c = 0; c < columns; c++) y[(row * columns) + c] = weights[c] / weights.Sum();
        }

        // Exponents up to 8·log₂e are rounded three times, numerator and denominator alike; the sum once a column.
        var steps = (2 * 3 * 8 * 1.4427) + (columns / 32) + 16;
        return Case("warp_softmax_f32", $"{rows}x{columns}", [("rows", rows), ("columns", columns)],
            new Input(x), new Output(DType.F32, y, [.. y.Select(v => v * steps * Rounding.F32)]),
            new Scalar(rows), new Scalar(columns));
    }

    private static LaunchCase LayerNorm(int rows, int hidden)
    {
        const double Epsilon = 1e-5;
        var (x, w, b) = (Numbers.Random(DType.F32, rows * hidden, 3, 2), Numbers.Random(DType.F32, hidden, 4),
            Numbers.Random(DType.F32, hidden, 5));
        var (y, bounds) = (new double[rows * hidden], new double[rows * hidden]);
        for (var row = 0; row < rows; row++)
        {
            var values = Enumerable.Range(0, hidden).Select(i => x[(row * hidden) + i]).ToArray();
            var mean = values.Average();
            var magnitude = values.Average(Math.Abs);
            var scale = 1 / Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) + Epsilon);
            // Relative error of each of the two sums, of rsqrt and of the last products.
            var e = Rounding.F32 * ((hidden / 256) + 24);
            for (var i = 0; i < hidden; i++)
            {
                var d = values[i] - mean;
                y[(row * hidden) + i] = (d * scale * w[i]) + b[i];
                bounds[(row * hidden) + i] = e * ((Math.Abs(w[i]) * scale
                    * (magnitude + (Math.Abs(d) * (2 + (magnitude * scale))))) + Math.Abs(b[i]));
            }
        }

        return Case("layer_norm_f32", $"{rows}x{hidden}", [("rows", rows), ("hidden", hidden)],
            new Input(x), new Input(w), new Input(b), new Output(DType.F32, y, bounds), new Scalar(hidden),
            new Scalar((float)Epsilon));
    }

    private static LaunchCase RmsNorm(int rows, int hidden)
    {
        const double Epsilon = 1e-5;
        var (x, w) = (Numbers.Random(DType.BF16, rows * hidden, 6, 2), Numbers.Random(DType.BF16, hidden, 7));
        var y = new double[rows * hidden];
        for (var row = 0; row < rows; row++)
        {
            var values = Enumerable.Range(0, hidden).Select(i => x[(row * hidden) + i]).ToArray();
            var scale = 1 / Math.Sqrt(values.Average(v => v * v) + Epsilon);
            for (var i = 0; i < hidden; i++) y[(row * hidden) + i] = values[i] * scale * w[i];
        }

        var unit = Rounding.BF16 + (Rounding.F32 * ((hidden / 128) + 24));
        return Case("rms_norm_bf16", $"{rows}x{hidden}", [("rows", rows), ("hidden", hidden)],
            new Input(x), new Input(w), new Output(DType.BF16, y, [.. y.Select(v => Math.Abs(v) * unit)]),
            new Scalar(hidden), new Scalar((float)Epsilon));
    }

    private static LaunchCase Gemv(int n, int k)
    {
        var (w, x) = (Numbers.Random(DType.BF16, n * k, 8), Numbers.Random(DType.F32, k, 9));
        var (y, bounds) = (new double[n], new double[n]);
        for (var row = 0; row < n; row++)
        {
            var products = Enumerable.Range(0, k).Select(i => w[(row * k) + i] * x[i]).ToArray();
            y[row] = products.Sum();
            bounds[row] = Rounding.F32 * ((2 * ((k + 255) / 256)) + 8) * products.Sum(Math.Abs);
        }

        return Case("gemv_bf16", $"{n}x{k}", [("n", n), ("k", k)],
            new Input(w), new Input(x), new Output(DType.F32, y, bounds), new Scalar(n), new Scalar(k));
    }

    private static LaunchCase Gemm(int m, int n, int k)
    {
        var (x, w, b) = (Numbers.Random(DType.BF16, m * k, 10), Numbers.Random(DType.BF16, n * k, 11),
            Numbers.Random(DType.BF16, n, 12));
        var (y, bounds) = (new double[m * n], new double[m * n]);
        for (var i = 0; i < m * n; i++)
        {
            double sum = b[i % n], magnitude = Math.Abs(b[i % n]);
            for (var j = 0; j < k; j++)
            {
                var product = x[(i / n * k) + j] * w[(i % n * k) + j];
                sum += product;
                magnitude += Math.Abs(product);
            }

            y[i] = sum;
            bounds[i] = (Math.Abs(sum) * Rounding.BF16) + (Rounding.F32 * ((k / 16) + 3) * magnitude * 2);
        }

        return Case("gemm_bf16_64x64x32", $"{m}x{n}x{k}", [("m", m), ("n", n), ("k", k)],
            new Input(x), new Input(w), new Input(b), new Output(DType.BF16, y, bounds), new Scalar(m), new Scalar(n),
            new Scalar(k));
    }

    private static LaunchCase FloatAttention(int heads, int queries, int keys) => Attention(
        "flash_attention_f32_d40_causal", DType.F32, heads, queries, keys, headDim: 40, isCausal: true);

    private static LaunchCase TensorAttention(int heads, int queries, int keys) => Attention(
        "flash_attention_bf16_d80", DType.BF16, heads, queries, keys, headDim: 80, isCausal: false);

    private static LaunchCase Attention(
        string kernel, DType type, int heads, int queries, int keys, int headDim, bool isCausal)
    {
        var scale = 1 / Math.Sqrt(headDim);
        var q = Numbers.Random(type, heads * queries * headDim, 13, 2);
        var k = Numbers.Random(type, heads * keys * headDim, 14, 2);
        var v = Numbers.Random(type, heads * keys * headDim, 15);
        var (o, bounds) = (new double[q.Count], new double[q.Count]);
        for (var row = 0; row < heads * queries; row++)
        {
            var firstKey = row / queries * keys;
            var seen = isCausal ? (row % queries) + keys - queries + 1 : keys;
            var weights = new double[seen];
            var largest = 0.0;
            for (var j = 0; j < seen; j++)
            {
                var products = Enumerable.Range(0, headDim)
                    .Select(d => q[(row * headDim) + d] * k[((firstKey + j) * headDim) + d] * scale).ToArray();
                weights[j] = Math.Exp(products.Sum());
                largest = Math.Max(largest, products.Sum(Math.Abs));
            }

            // A score is off by its own length in rounding steps, twice in a difference; sums go over keys and tiles.
            var steps = Rounding.F32 * ((4 * (headDim + 4) * largest) + (2 * seen) + (8 * ((keys + 31) / 32)) + 16);
            var stored = type == DType.BF16 ? Rounding.BF16 : 0;
            for (var d = 0; d < headDim; d++)
            {
                var at = (row * headDim) + d;
                var parts = weights.Select((p, j) => p / weights.Sum() * v[((firstKey + j) * headDim) + d]).ToArray();
                o[at] = parts.Sum();
                bounds[at] = (parts.Sum(Math.Abs) * (steps + stored)) + (Math.Abs(o[at]) * stored);
            }
        }

        return Case(kernel, $"{heads}x{queries}x{keys}", [("heads", heads), ("queries", queries), ("keys", keys)],
            new Input(q), new Input(k), new Input(v), new Output(type, o, bounds), new Scalar(queries),
            new Scalar(keys), new Scalar((float)scale));
    }

    private static LaunchCase Case(
        string kernel, string shape, (string Name, long Value)[] sizes, params IReadOnlyList<LaunchValue> arguments) =>
        new($"{kernel} {shape}", SampleKernels.All[kernel](),
            LaunchSizes.Of(sizes), arguments);

    /// <summary>By its series, good to 10⁻⁹ up to 4, where it is 1 to within 2⁻²⁵.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 4) return Math.Sign(x);
        double term = x, sum = x;
        for (var n = 1; n < 80; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
