using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Bench;

/// <summary>
/// Memory of one matrix product: x, two results, and so many copies of w, in f32 and in bf16, that a copy has left the
/// caches when its turn comes again, as a layer's weights have in a model. All weights are bf16 numbers, so both types
/// hold the same.
/// </summary>
internal sealed unsafe class GemmOperands : IDisposable
{
    private const long AssumedCacheBytes = 64 << 20;

    private readonly DeviceMemory _x;
    private readonly DeviceMemory _w;
    private readonly DeviceMemory _wBf16;
    private readonly DeviceMemory _y;
    private readonly DeviceMemory _yPeer;

    public GemmOperands(CpuDevice device, GemmShape shape, long cacheBytes)
    {
        Shape = shape;
        var elements = (long)shape.N * shape.K;
        Copies = (int)Math.Max(4, 2 * Math.Max(cacheBytes, AssumedCacheBytes) / (elements * sizeof(float)));
        _x = device.Allocate((long)shape.M * shape.K * sizeof(float), "gemm x");
        _w = device.Allocate(Copies * elements * sizeof(float), "gemm weights");
        _wBf16 = device.Allocate(Copies * elements * sizeof(ushort), "gemm weights");
        _y = device.Allocate((long)shape.M * shape.N * sizeof(float), "gemm y");
        _yPeer = device.Allocate((long)shape.M * shape.N * sizeof(float), "gemm y");
        var random = new SplitMix64((ulong)elements);
        for (var i = 0; i < (long)shape.M * shape.K; i++) X[i] = (float)(2 * random.NextUnit() - 1);
        for (var i = 0; i < elements; i++)
        {
            var bits = BFloat16.FromSingle((float)(2 * random.NextUnit() - 1));
            (WeightBf16(0)[i], Weight(0)[i]) = (bits, BFloat16.ToSingle(bits));
        }

        for (var copy = 1; copy < Copies; copy++)
        {
            Buffer.MemoryCopy(Weight(0), Weight(copy), elements * sizeof(float), elements * sizeof(float));
            Buffer.MemoryCopy(WeightBf16(0), WeightBf16(copy), elements * sizeof(ushort), elements * sizeof(ushort));
        }
    }

    /// <summary>Sizes.</summary>
    public GemmShape Shape { get; }

    /// <summary>Copies of w.</summary>
    public int Copies { get; }

    /// <summary>x [M, K].</summary>
    public float* X => (float*)_x.Address;

    /// <summary>Our y [M, N].</summary>
    public float* Y => (float*)_y.Address;

    /// <summary>The peer's y [M, N].</summary>
    public float* YPeer => (float*)_yPeer.Address;

    /// <summary>A copy of w [N, K] in f32.</summary>
    public float* Weight(int copy) => (float*)_w.Address + (long)copy * Shape.N * Shape.K;

    /// <summary>A copy of w [N, K] in bf16.</summary>
    public ushort* WeightBf16(int copy) => (ushort*)_wBf16.Address + (long)copy * Shape.N * Shape.K;

    /// <summary>The product's kernel for each copy of w, bound through the op's contract.</summary>
    public BoundKernel[] Bind(IKernelLibrary kernels, DType weightType) =>
        [.. Enumerable.Range(0, Copies).Select(copy => kernels.Bind(
            new MatMul(default),
            [
                new BoundTensor((nint)X, DType.F32, [Shape.M, Shape.K]),
                new BoundTensor(
                    weightType == DType.BF16 ? (nint)WeightBf16(copy) : (nint)Weight(copy), weightType, [Shape.N, Shape.K]),
            ],
            new BoundTensor((nint)Y, DType.F32, [Shape.M, Shape.N])))];

    /// <summary>The peer's product with a copy of w.</summary>
    public void Multiply(OpenBlas peer, int copy) => peer.Multiply(Shape, X, Weight(copy), YPeer);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var memory in (ReadOnlySpan<DeviceMemory>)[_x, _w, _wBf16, _y, _yPeer]) memory.Dispose();
    }
}
