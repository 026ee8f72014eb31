using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Cpu;

/// <summary>
/// A mapped weight may end where its file's last page ends: nothing behind an operand may be read. Each operand here ends
/// at an inaccessible page, so a read beyond it ends the process.
/// </summary>
public sealed unsafe class GuardPageTests : OpConformance<CpuTarget>
{
    private const int Page = 4096;
    private const int NoAccess = 0;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(20)]
    public void MatMul_OperandsAtTheEndOfMemory_ReadsNothingBehind(int rows)
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var dtype in new[] { DType.F32, DType.F16, DType.BF16 })
        {
            foreach (var (n, k) in new[] { (1, 1), (17, 33), (33, 31), (70, 127) })
            {
                var x = HostTensor.Uniform(1, [rows, k]);
                var w = HostTensor.Uniform(2, [n, k], dtype: dtype);
                var expected = Run(new MatMul(new Epilogue()), Place(x), Place(w));
                using var xMemory = new GuardedMemory(x);
                using var wMemory = new GuardedMemory(w);
                Assert.Equal(expected, Run(new MatMul(new Epilogue()), xMemory.Tensor, wMemory.Tensor));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void Attention_OperandsAtTheEndOfMemory_ReadsNothingBehind(int queries)
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var dim in new[] { 1, 5, 17, 33 })
        {
            var q = HostTensor.Uniform(1, [1, queries, dim]);
            var k = HostTensor.Uniform(2, [1, 37, dim]);
            var expected = Run(new Attention(1, dim, 1f), Place(q), Place(k), Place(k));
            using var qMemory = new GuardedMemory(q);
            using var kMemory = new GuardedMemory(k);
            Assert.Equal(expected, Run(new Attention(1, dim, 1f), qMemory.Tensor, kMemory.Tensor, kMemory.Tensor));
        }
    }

    [Fact]
    public void RowOps_OperandsAtTheEndOfMemory_ReadNothingBehind()
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var columns in new[] { 1, 15, 33, 127 })
        {
            var x = HostTensor.Uniform(1, [3, columns]);
            var weight = HostTensor.Uniform(2, [columns]);
            using var xMemory = new GuardedMemory(x);
            using var wMemory = new GuardedMemory(weight);
            Assert.Equal(
                Run(new LayerNorm(1e-5f, true), Place(x), Place(weight), Place(weight)),
                Run(new LayerNorm(1e-5f, true), xMemory.Tensor, wMemory.Tensor, wMemory.Tensor));
            Assert.Equal(
                Run(new RmsNorm(1e-5f), Place(x), Place(weight)), Run(new RmsNorm(1e-5f), xMemory.Tensor, wMemory.Tensor));
            Assert.Equal(Run(new LogSoftmax(), Place(x)), Run(new LogSoftmax(), xMemory.Tensor));
            Assert.Equal(Run(new Activate(Activation.Silu), Place(x)), Run(new Activate(Activation.Silu), xMemory.Tensor));
        }
    }

    [DllImport("libc", EntryPoint = "mprotect")]
    private static extern int Protect(void* address, nint length, int protection);

    private sealed class GuardedMemory : IDisposable
    {
        private readonly byte* _block;
        private readonly nint _accessible;

        public GuardedMemory(HostTensor tensor)
        {
            var size = (int)tensor.DType.ByteSize(1);
            var length = tensor.Values.Length * size;
            _accessible = (length + Page - 1) / Page * Page;
            _block = (byte*)NativeMemory.AlignedAlloc((nuint)(_accessible + Page), Page);
            var start = _block + _accessible - length;
            for (var i = 0; i < tensor.Values.Length; i++) tensor.Encode(tensor.Values[i], new Span<byte>(start + i * size, size));
            Assert.Equal(0, Protect(_block + _accessible, Page, NoAccess));
            Tensor = new BoundTensor((nint)start, tensor.DType, tensor.Shape);
        }

        public BoundTensor Tensor { get; }

        public void Dispose()
        {
            Assert.Equal(0, Protect(_block + _accessible, Page, 3));
            NativeMemory.AlignedFree(_block);
        }
    }
}
