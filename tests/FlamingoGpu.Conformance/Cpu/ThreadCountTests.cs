using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Cpu;

public sealed class ThreadCountTests
{
    public static TheoryData<string> OpNames => new(Cases().Select(one => one.Name));

    [Theory]
    [MemberData(nameof(OpNames))]
    public void Run_AnyNumberOfThreads_GivesTheSameBits(string name)
    {
        var (_, op, inputs) = Cases().First(one => one.Name == name);
        using var alone = new Bench(1, op, inputs());
        var expected = alone.RunOnce();
        foreach (var threads in new[] { 2, 5 })
        {
            using var together = new Bench(threads, op, inputs());
            Assert.Equal(expected, together.RunOnce());
        }
    }

    [Theory]
    [MemberData(nameof(OpNames))]
    public void Run_Repeated_AllocatesNothing(string name)
    {
        var (_, op, inputs) = Cases().First(one => one.Name == name);
        using var bench = new Bench(3, op, inputs());
        bench.RunOnce();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < 20; i++) bench.Kernel.Run();
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        // Other test classes run beside this one; a kernel that allocated would do so in each of the 20 runs.
        if (allocated > 0)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 20; i++) bench.Kernel.Run();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static IEnumerable<(string Name, Op Op, Func<HostTensor[]> Inputs)> Cases()
    {
        static HostTensor F(int seed, params long[] extents) => HostTensor.Uniform(seed, Shape.Create(extents));
        static HostTensor B(int seed, params long[] extents) =>
            HostTensor.Uniform(seed, Shape.Create(extents), dtype: DType.BF16);
        static HostTensor I(Shape shape, params int[] values) => HostTensor.Integers(shape, values);
        yield return ("gemv", new MatMul(new Epilogue(Residual: true)), () => [F(1, 3, 443), F(2, 1001, 443), F(3, 3, 1001)]);
        yield return ("gemv bf16", new MatMul(new Epilogue()), () => [F(1, 1, 443), HostTensor.Uniform(2, [1001, 443], dtype: DType.BF16)]);
        yield return ("gemm", new MatMul(new Epilogue(Bias: true, Activation.GeluErf)), () => [F(1, 61, 1443), F(2, 127, 1443), F(3, 127)]);
        yield return ("gemm tall", new MatMul(new Epilogue()), () => [F(1, 700, 33), F(2, 127, 33)]);
        yield return ("layer norm", new LayerNorm(1e-5f, false), () => [F(1, 127, 443), F(2, 443)]);
        yield return ("rms norm", new RmsNorm(1e-5f), () => [F(1, 127, 443), F(2, 443)]);
        yield return ("gelu", new Activate(Activation.GeluErf), () => [F(1, 127, 443)]);
        yield return ("log softmax", new LogSoftmax(), () => [F(1, 7, 4430)]);
        yield return ("attention", new Attention(3, 24, 0.2f), () => [F(1, 2, 200, 72), F(2, 2, 127, 72), F(3, 2, 127, 72)]);
        yield return ("latents", new LatentAttention(3, 24, 0.2f), () => [F(1, 2, 20, 72), F(2, 2, 57, 72), F(3, 2, 57, 72), F(4, 2, 20, 72), F(5, 2, 20, 72)]);
        yield return ("prefill", new CausalAttention(3, 24, 0.2f, true), () =>
            [F(1, 2, 200, 72), F(2, 2, 200, 72), F(3, 2, 200, 72), F(4, 2, 300, 72), F(5, 2, 300, 72), I([2], 99, 3), F(6, 3)]);
        yield return ("decode", new CausalAttention(3, 24, 0.2f, true), () =>
            [F(1, 2, 1, 72), F(2, 2, 1, 72), F(3, 2, 1, 72), F(4, 2, 300, 72), F(5, 2, 300, 72), I([2], 299, 3), F(6, 3)]);
        yield return ("decode, narrow cache", new CausalAttention(3, 24, 0.2f, false), () =>
            [F(1, 2, 1, 72), F(2, 2, 1, 72), F(3, 2, 1, 72), B(4, 2, 300, 72), B(5, 2, 300, 72), I([2], 299, 3)]);
        yield return ("media", new MediaCrossAttention(3, 24, 0.2f), () =>
            [F(1, 1, 6, 72), F(2, 2, 20, 72), F(3, 2, 20, 72), I([1, 6, 2], 0, 0, 0, 1, 1, 1, 0, 2, 0, -2, 0, 1)]);
        yield return ("rotary", new Rotary(3, 24, 24, 10000f), () => [F(1, 1, 300, 72), I([1, 300], [.. Enumerable.Range(0, 300)])]);
        yield return ("embedding", new Embedding(), () => [I([100], [.. Enumerable.Range(0, 100)]), HostTensor.Uniform(1, [100, 443], dtype: DType.F16)]);
    }

    private sealed class Bench : OpConformance<CpuTarget>
    {
        private readonly CpuTarget _target;
        private readonly BoundTensor _output;
        private readonly List<IDisposable> _blocks = [];

        public Bench(int threads, Op op, HostTensor[] inputs)
        {
            _target = new CpuTarget(threads);
            var bound = Array.ConvertAll(inputs, input => Place(input));
            var type = op.Infer(Array.ConvertAll(bound, input => input.Type));
            var memory = _target.Device.Allocate(type.ByteLength, "output");
            _blocks.Add(memory);
            _output = new BoundTensor(memory.Address, type.DType, type.Shape);
            Kernel = _target.Kernels.Bind(op, bound, _output);
        }

        public BoundKernel Kernel { get; }

        public float[] RunOnce()
        {
            Kernel.Run();
            return Read(_output);
        }

        public new void Dispose()
        {
            foreach (var block in _blocks) block.Dispose();
            _target.Dispose();
            base.Dispose();
        }
    }
}
