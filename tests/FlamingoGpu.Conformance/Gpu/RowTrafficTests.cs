using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>
/// What the row kernels move at aligned shapes, counted by the virtual GPU: whole sectors only, no bank conflicts, and
/// no more sectors than the op has to move plus what is read again from cache on purpose.
/// </summary>
public sealed class RowTrafficTests : IDisposable
{
    private readonly List<LaunchReport> _reports = [];
    private readonly List<DeviceMemory> _blocks = [];
    private readonly GpuDevice _device;
    private readonly GpuKernels _kernels;

    public RowTrafficTests()
    {
        _device = new GpuDevice(new VirtualDriver(new VirtualDeviceOptions { MemoryByteLength = 1L << 30 })
        {
            Launched = _reports.Add,
        });
        _kernels = new GpuKernels(_device);
    }

    public static TheoryData<DType, DType> Types => new()
    {
        { DType.F32, DType.F32 },
        { DType.F32, DType.BF16 },
        { DType.BF16, DType.BF16 },
        { DType.F16, DType.F32 },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Activate_Aligned_MovesEachElementOnce(DType input, DType output) =>
        Check(new Activate(Activation.GeluErf) { OutputType = output }, again: 0, Tensor(input, 16, 1024));

    [Theory]
    [MemberData(nameof(Types))]
    public void Norms_Aligned_ReadTheRowOnce(DType input, DType output)
    {
        foreach (var (rows, columns) in new[] { (16, 1024), (3, 4096), (9, 512) })
        {
            // Weight and bias are read for every row, all but the first time from cache.
            var (x, weight) = (Tensor(input, rows, columns), Tensor(DType.F32, columns));
            var again = 4L * columns * (rows - 1);
            Check(new RmsNorm(1e-5f) { OutputType = output }, again, x, weight);
            Check(new LayerNorm(1e-5f, Bias: true) { OutputType = output }, 2 * again, x, weight,
                Tensor(DType.F32, columns));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void MovingOps_Aligned_MoveEachElementOnce(DType input, DType output)
    {
        var x = Tensor(input, 4, 8, 2048);
        Check(new SliceTokens(1, 7) { OutputType = output }, again: 0, x);

        // An id for every warp.
        var again = 8 * 16 * 32;
        Check(
            new Embedding { OutputType = output }, again, Integers(1, 9, 0, 3, 3, 2, 8, 5), Tensor(input, 10, 2048));
    }

    [Fact]
    public void Rotary_Aligned_MovesEachElementOnce()
    {
        var again = 16 * 32 * 40 * 4 + 160 * 32; // frequencies for every pair, a position for every warp
        Check(new Rotary(32, 80, 80, 10000f), again, Tensor(DType.F32, 1, 16, 32 * 80), Tensor(DType.I32, 1, 16));
    }

    [Fact]
    public void Rows_SearchedByChoices_AreReadOnce()
    {
        var x = Tensor(DType.F32, 2, 8192);
        Check(new ArgMax(), again: 0, x);
        Check(new TopK(16), again: 2 * 32, x); // ids leave one by one, in no order of threads
        Check(new SampleToken(0.9f, 40, 0.9f, 0.01f), again: 2 * 64, x, Tensor(DType.F32, 2));
        Check(new LogSoftmax(), again: 4L * 2 * 8192, x); // the row twice
    }

    [Fact]
    public void ReorderRows_Aligned_MovesWhatChangedOnce()
    {
        // Each of the 8 warps of a group and layer reads its range and three parents.
        var again = 8 * 2 * 2 * 5 * 32;
        Check(
            new ReorderRows(3, 8), again,
            Tensor(DType.F32, 2, 6, 8, 128), Integers(1, 2, 0, 5, 3, 4), Integers(0, 0), Integers(8, 8));
    }

    [Theory]
    [InlineData(50281)]
    [InlineData(50432)]
    [InlineData(32000)]
    public void SampleToken_AtRealVocabularies_KeepsTheRowInTheBlock(int columns)
    {
        Bind(new SampleToken(0.9f, 40, 0.9f, 0.01f), Tensor(DType.F32, 1, columns), Tensor(DType.F32, 1));
        Bind(new TopK(50), Tensor(DType.F32, 1, columns));
        Assert.All(_kernels.Built.Values, kernel =>
        {
            Assert.DoesNotContain("memory", kernel.Name, StringComparison.Ordinal);
            Assert.InRange(kernel.RegisterEstimate, 1, 65536 / kernel.Block.Threads);
        });
    }

    public void Dispose()
    {
        foreach (var block in _blocks) block.Dispose();
        _device.Dispose();
    }

    private void Check(Op op, long again, params BoundTensor[] inputs)
    {
        var kernel = Bind(op, inputs);
        _reports.Clear();
        kernel.Run();
        var counters = _reports.ConvertAll(report => report.Counters);
        var least = kernel.Launches.Sum(launch => launch.Bytes);
        Assert.All(counters, counts => Assert.Equal(0, counts.BankConflicts));
        Assert.All(counters, counts => Assert.Equal(1, counts.SectorEfficiency));
        Assert.InRange(32 * counters.Sum(counts => counts.GlobalSectors), 0, 1.1 * least + again);
    }

    private BoundKernel Bind(Op op, params BoundTensor[] inputs)
    {
        var type = op.Infer(Array.ConvertAll(inputs, input => input.Type));
        var output = op is ReorderRows ? inputs[0] : Tensor(type.DType, [.. type.Shape.Extents]);
        return _kernels.Bind(op, inputs, output);
    }

    private BoundTensor Integers(params int[] values)
    {
        var tensor = Tensor(DType.I32, values.Length);
        _device.Upload(MemoryMarshal.AsBytes(values.AsSpan()), tensor.Address);
        return tensor;
    }

    private BoundTensor Tensor(DType type, params long[] extents)
    {
        var shape = Shape.Create(extents);
        var block = _device.Allocate(type.ByteSize(shape.ElementCount), "traffic");
        _blocks.Add(block);
        _device.Upload(new byte[block.ByteLength], block.Address);
        return new BoundTensor(block.Address, type, shape);
    }
}
