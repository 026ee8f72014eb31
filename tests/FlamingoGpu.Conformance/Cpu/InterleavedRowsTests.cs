using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Conformance.Cpu;

/// <summary>
/// Copied weights, whose rows the first product interleaves: every reader of weights gives what it gives with rows one
/// after the other. The matrix is just large enough to be copied; 7 of its rows are in no group, and its pieces are no
/// multiple of a chunk.
/// </summary>
public sealed unsafe class InterleavedRowsTests : IDisposable
{
    private const int Rows = 263;
    private const int RowBytes = 63 * 64;

    private readonly List<Machine> _machines = [];

    public static TheoryData<DType, int> TypesAndRows
    {
        get
        {
            var data = new TheoryData<DType, int>();
            foreach (var dtype in new[] { DType.BF16, DType.F32, DType.F16 })
            {
                for (var rows = 1; rows <= 8; rows++) data.Add(dtype, rows);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TypesAndRows))]
    public void MatMul_FewRows_IsTheProduct(DType dtype, int rows)
    {
        var machine = New(threads: 3, copyWeights: true);
        var (x, w) = Operands(dtype, rows);
        var bound = machine.PlaceWeight(w);
        var expected = Product(x, w);

        var actual = machine.Run(new MatMul(default), out var variant, machine.Place(x), bound);
        Assert.Equal(ProductInterleaves(dtype), variant == $"gemv-{dtype.ShortName()}-groups");
        Assert.Equal(ProductInterleaves(dtype), machine.Device.IsInterleaved(bound.Address));
        expected.Check(actual, $"{dtype} {rows}x{Rows}x{w.Columns}");
    }

    [Theory]
    [InlineData(DType.BF16)]
    [InlineData(DType.F16)]
    [InlineData(DType.F32)]
    public void MatMul_ManyRows_GivesTheBitsOfRowMajor(DType dtype)
    {
        var (mapped, copying) = (New(threads: 2, copyWeights: false), New(threads: 2, copyWeights: true));
        var (x, w) = Operands(dtype, rows: 29);
        var bound = copying.PlaceWeight(w);
        Assert.Equal(
            mapped.Run(new MatMul(default), out _, mapped.Place(x), mapped.PlaceWeight(w)),
            copying.Run(new MatMul(default), out _, copying.Place(x), bound));
        Assert.Equal(ProductInterleaves(dtype), copying.Device.IsInterleaved(bound.Address));
    }

    [Theory]
    [InlineData(DType.BF16, 1)]
    [InlineData(DType.BF16, 7)]
    [InlineData(DType.F32, 2)]
    public void MatMul_AnyNumberOfThreads_GivesTheSameBits(DType dtype, int rows)
    {
        var (x, w) = Operands(dtype, rows);
        var results = new[] { 1, 2, 5 }.Select(threads => New(threads, copyWeights: true))
            .Select(machine => machine.Run(new MatMul(default), out _, machine.Place(x), machine.PlaceWeight(w)))
            .ToList();
        Assert.All(results, result => Assert.Equal(results[0], result));
    }

    [Theory]
    [InlineData(DType.BF16)]
    [InlineData(DType.F16)]
    [InlineData(DType.F32)]
    public void Embedding_TableThatIsAlsoTheHead_ReadsItsRowsBeforeAndAfter(DType dtype)
    {
        var machine = New(threads: 2, copyWeights: true);
        var (_, w) = Operands(dtype, rows: 1);
        var bound = machine.PlaceWeight(w);
        int[] ids = [.. Enumerable.Range(0, Rows)];
        var lookup = machine.Bind(new Embedding(), machine.Place(HostTensor.Integers([Rows], ids)), bound);
        var expected = Array.ConvertAll(w.Values, value => (float)value);

        Assert.Equal(expected, lookup());
        Assert.True(machine.Device.InterleaveRows(bound.Address, Rows, RowBytes));
        Assert.Equal(expected, lookup());
    }

    [Fact]
    public void InterleaveRows_Copy_PutsPiecesOfSixteenRowsBesideEachOther()
    {
        var machine = New(threads: 2, copyWeights: true);
        var bytes = new byte[Rows * RowBytes];
        new Random(1).NextBytes(bytes);
        var address = machine.PlaceBytes(bytes);
        Assert.True(machine.Device.InterleaveRows(address, Rows, RowBytes));
        Assert.True(machine.Device.InterleaveRows(address, Rows, RowBytes)); // once only
        var copy = new ReadOnlySpan<byte>((void*)address, bytes.Length);
        for (var row = 0; row < Rows; row++)
        {
            for (var piece = 0; piece < RowBytes / 64; piece++)
            {
                var from = row * RowBytes + piece * 64;
                var at = row < 256 ? row / 16 * 16 * RowBytes + piece * 1024 + row % 16 * 64 : from;
                Assert.True(bytes.AsSpan(from, 64).SequenceEqual(copy.Slice(at, 64)), $"row {row}, piece {piece}");
            }
        }
    }

    [Fact]
    public void InterleaveRows_AnythingButAWholeCopyOfWholePieces_Refuses()
    {
        var (mapped, copying) = (New(threads: 1, copyWeights: false), New(threads: 1, copyWeights: true));
        var bytes = new byte[Rows * RowBytes];
        var address = copying.PlaceBytes(bytes);
        Assert.False(mapped.Device.InterleaveRows(mapped.PlaceBytes(bytes), Rows, RowBytes));
        Assert.False(copying.Device.InterleaveRows(address, Rows - 16, RowBytes));
        Assert.False(copying.Device.InterleaveRows(address + 64, Rows, RowBytes));
        Assert.False(copying.Device.InterleaveRows(address, Rows * 63L * 4, 16));
        Assert.False(copying.Device.IsInterleaved(address));
    }

    [Fact]
    public void Bind_ReaderThatKnowsNoInterleavedRows_IsRefused()
    {
        var machine = New(threads: 1, copyWeights: true);
        var (x, w) = Operands(DType.F32, rows: 1);
        var bound = machine.PlaceWeight(w);
        Assert.True(machine.Device.InterleaveRows(bound.Address, Rows, RowBytes));

        var someRows = new BoundTensor(bound.Address + 16 * RowBytes, DType.F32, [32, w.Columns]);
        Assert.Throws<NotSupportedException>(() => machine.Bind(new MatMul(default), machine.Place(x), someRows));
        Assert.Throws<NotSupportedException>(() => machine.Bind(new AddRows(1), bound, bound));
    }

    /// <summary>Only where it pays: 512-bit vectors, and no f16, which is bound by widening.</summary>
    private static bool ProductInterleaves(DType dtype) => Vector512.IsHardwareAccelerated && dtype != DType.F16;

    public void Dispose()
    {
        foreach (var machine in _machines) machine.Dispose();
    }

    private Machine New(int threads, bool copyWeights)
    {
        _machines.Add(new Machine(threads, copyWeights));
        return _machines[^1];
    }

    private static (HostTensor X, HostTensor W) Operands(DType dtype, int rows)
    {
        var columns = RowBytes / dtype.ByteSize(1);
        return (HostTensor.Uniform(1, [rows, columns]), HostTensor.Uniform(2, [Rows, columns], dtype: dtype));
    }

    /// <summary>In double precision; bounds for sums of K terms as <see cref="Expectation"/> derives them.</summary>
    private static Expectation Product(HostTensor x, HostTensor w)
    {
        var expected = new Expectation([x.Rows, w.Rows]);
        for (var row = 0; row < x.Rows; row++)
        {
            for (var column = 0; column < w.Rows; column++)
            {
                double sum = 0, magnitude = 0;
                var a = x.Row(row);
                var b = w.Row(column);
                for (var i = 0; i < a.Length; i++)
                {
                    sum += a[i] * b[i];
                    magnitude += Math.Abs(a[i] * b[i]);
                }

                var bound = Expectation.SumRoundings(a.Length) * Expectation.U * magnitude;
                expected.Set(row * w.Rows + column, sum, bound);
            }
        }

        return expected;
    }

    /// <summary>A device, its kernels, and the memory of their operands.</summary>
    private sealed class Machine : IDisposable
    {
        private readonly CpuKernels _kernels;
        private readonly List<DeviceMemory> _blocks = [];

        public Machine(int threads, bool copyWeights)
        {
            Device = new CpuDevice(threads, copyWeights);
            _kernels = new CpuKernels(Device);
        }

        public CpuDevice Device { get; }

        public BoundTensor Place(HostTensor tensor) => new(Upload(Bytes(tensor)), tensor.DType, tensor.Shape);

        public BoundTensor PlaceWeight(HostTensor tensor) => new(PlaceBytes(Bytes(tensor)), tensor.DType, tensor.Shape);

        /// <summary>Bytes as a mapped file would hold them, made resident.</summary>
        public nint PlaceBytes(byte[] bytes) => Device.MakeResident(Upload(bytes), bytes.Length);

        public Func<float[]> Bind(Op op, params BoundTensor[] inputs) => Bind(op, inputs, out _);

        public float[] Run(Op op, out string variant, params BoundTensor[] inputs) => Bind(op, inputs, out variant)();

        public void Dispose()
        {
            foreach (var block in _blocks) block.Dispose();
            Device.ReleaseResidents();
            Assert.Equal(0, Device.LiveBytes);
            _kernels.Dispose();
            Device.Dispose();
        }

        private Func<float[]> Bind(Op op, BoundTensor[] inputs, out string variant)
        {
            var type = op.Infer(Array.ConvertAll(inputs, input => input.Type));
            var output = new BoundTensor(Upload(new byte[type.ByteLength]), type.DType, type.Shape);
            var kernel = _kernels.Bind(op, inputs, output);
            variant = kernel.Variant;
            return () =>
            {
                kernel.Run();
                var values = new float[type.Shape.ElementCount];
                Device.Download(output.Address, MemoryMarshal.AsBytes(values.AsSpan()));
                return values;
            };
        }

        private static byte[] Bytes(HostTensor tensor)
        {
            var size = (int)tensor.DType.ByteSize(1);
            var bytes = new byte[tensor.Values.Length * size];
            for (var i = 0; i < tensor.Values.Length; i++) tensor.Encode(tensor.Values[i], bytes.AsSpan(i * size));
            return bytes;
        }

        private nint Upload(byte[] bytes)
        {
            var block = Device.Allocate(bytes.Length, "test");
            _blocks.Add(block);
            Device.Upload(bytes, block.Address);
            return block.Address;
        }
    }
}
