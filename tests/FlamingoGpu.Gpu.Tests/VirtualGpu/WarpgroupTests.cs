using FlamingoGpu.Core;
using FlamingoGpu.VirtualGpu;
using static FlamingoGpu.Gpu.Tests.VirtualGpu.WarpgroupText;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>The products of a warpgroup against plain matrix products, their operands laid out by the test.</summary>
public class WarpgroupTests
{
    public static TheoryData<string, int, int, bool, bool> Layouts()
    {
        var data = new TheoryData<string, int, int, bool, bool>();
        foreach (var width in (int[])[16, 32, 64, 128])
        {
            foreach (var isMnMajor in (bool[])[false, true])
            {
                data.Add("bf16", 8, width, isMnMajor, false);
                data.Add("f16", 24, width, isMnMajor, true);
                data.Add("bf16", 80, width, isMnMajor, true);
                data.Add("f16", 128, width, isMnMajor, false);
                data.Add("bf16", 256, width, isMnMajor, false);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void MmaAsync_EveryCanonicalLayout_EqualsThePlainProduct(
        string type, int n, int width, bool isMnMajor, bool isFromRegisters)
    {
        // Two k-steps on the same accumulators: the second one a step further inside A's and a K-major B's atom where
        // the swizzle is wide enough to hold two, elsewhere behind the first. The first step begins the sums.
        var random = new Random(n + width);
        var (a, b) = (Matrix(random, M, 2 * K), Matrix(random, 2 * K, n));
        var image = new byte[64 * 1024];
        var right = new Placed(width, isMnMajor, n, 20 * 1024);
        var left = new Placed(width, IsMnMajor: false, M, 1024);
        for (var k = 0; k < 2 * K; k++)
        {
            for (var row = 0; row < M; row++) Write(image, left.Of(row, k), a[row][k], type);
            for (var column = 0; column < n; column++) Write(image, right.Of(column, k), b[k][column], type);
        }

        var text = Kernel($"""
            {Fill(image.Length)}
            {LoadFragment}
            {left.Describe("%rd10", 0)}
            {right.Describe("%rd11", 0)}
            {left.Describe("%rd12", 1)}
            {right.Describe("%rd13", 1)}
            fence.proxy.async.shared::cta;
            bar.sync 0;
            wgmma.fence.sync.aligned;
            {Multiply(n, type, isFromRegisters ? "{%r20, %r21, %r22, %r23}" : "%rd10", "%rd11", "%p0", isMnMajor)}
            {Multiply(n, type, "%rd12", "%rd13", "%p1", isMnMajor)}
            wgmma.commit_group.sync.aligned;
            wgmma.wait_group.sync.aligned 0;
            {Store(n)}
            """);
        var rows = new byte[M * K * 2];
        for (var i = 0; i < M * K; i++) Write(rows, 2 * i, a[i / K][i % K], type);
        var (report, d) = Run(text, image, rows, n, seeds: 3);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        for (var i = 0; i < d.Length; i++)
        {
            Assert.Equal(Enumerable.Range(0, 2 * K).Sum(k => a[i / n][k] * b[k][i % n]), d[i]);
        }

        Assert.Equal(0, report.Counters.BankConflicts);
        var bytes = report.Counters.Instructions.Where(i => i.Form.Contains("mma_async", StringComparison.Ordinal))
            .Select(i => i.SharedBytes).ToArray();
        Assert.Equal([(isFromRegisters ? 0 : M * 32) + (n * 32), (M * 32) + (n * 32)], bytes);
    }

    private static (LaunchReport Report, float[] D) Run(string text, byte[] image, byte[] a, int n, int seeds)
    {
        using var device = new VirtualDevice(new VirtualDeviceOptions { SeedCount = seeds });
        var kernel = device.Load(text).Kernel("test");
        kernel.AllowDynamicShared(64 * 1024);
        var (input, fragment, output) =
            (device.Allocate(image.Length, "in"), device.Allocate(M * K * 2, "a"), device.Allocate(M * n * 4, "out"));
        device.Upload<byte>(image, input);
        device.Upload<byte>(a, fragment);
        device.Fill(output, 0, M * n * 4);
        var report = device.Launch(kernel, 1, Threads, 64 * 1024, input, fragment, output);
        return (report, device.Download<float>(output, M * n));
    }

    private static float[][] Matrix(Random random, int rows, int columns) =>
        [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns).Select(_ => (float)random.Next(-4, 5)).ToArray())];

    private static void Write(byte[] image, int offset, float value, string type) => BitConverter.TryWriteBytes(
        image.AsSpan(offset), type == "bf16" ? BFloat16.FromSingle(value) : BitConverter.HalfToUInt16Bits((Half)value));

    /// <summary>A matrix of two k-steps at an offset of shared memory.</summary>
    private sealed record Placed(int Width, bool IsMnMajor, int Rows, int Start)
    {
        private bool IsTogether => Width >= 64 && !IsMnMajor;

        /// <summary>Gaps between groups, so that neither offset can stand for the other.</summary>
        private (int Leading, int Stride) Offsets => (Width, IsMnMajor) switch
        {
            (16, false) => (Rows / 8 * 144, 144),
            (16, true) => (128, 272),
            (_, false) => (16, 8 * Width),
            _ => (16 * Width, 8 * Width),
        };

        private int StepBytes => IsTogether ? 32 : 10 * 1024;

        public int Of(int row, int k)
        {
            var (leading, stride) = Offsets;
            var within = IsTogether ? k : k % K;
            return Start + (IsTogether ? 0 : k / K * StepBytes) + (IsMnMajor
                ? MnMajor(within, row, Width, leading, stride)
                : KMajor(row, within, Width, leading, stride));
        }

        public string Describe(string register, int step) =>
            Descriptor(register, Start + (step * StepBytes), Width, Offsets.Leading, Offsets.Stride);
    }
}
