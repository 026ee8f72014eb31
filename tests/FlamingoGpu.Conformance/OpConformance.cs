using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Conformance;

/// <summary>
/// What every op test needs: operands placed on the device among poison (gaps of column slices and the surroundings of
/// each tensor are filled with 0xFF, which is NaN in every float type), the run, and the check that nothing outside the
/// output was written and nothing leaked.
/// </summary>
public abstract class OpConformance<TTarget> : IDisposable
    where TTarget : IConformanceTarget, new()
{
    private const int GuardBytes = 256;

    private readonly TTarget _target = new();
    private readonly List<DeviceMemory> _blocks = [];

    protected IConformanceTarget Target => _target;

    /// <summary>Puts a tensor on the device, its rows <paramref name="gap"/> elements further apart than they are long.</summary>
    protected BoundTensor Place(HostTensor tensor, int gap = 0, int byteOffset = 0)
    {
        var size = (int)tensor.DType.ByteSize(1);
        var pitch = tensor.Columns + gap;
        var bytes = new byte[2 * GuardBytes + byteOffset + tensor.Rows * pitch * size];
        bytes.AsSpan().Fill(0xFF);
        for (long i = 0; i < tensor.Values.Length; i++)
        {
            var at = GuardBytes + byteOffset + (i / tensor.Columns * pitch + i % tensor.Columns) * size;
            tensor.Encode(tensor.Values[i], bytes.AsSpan((int)at));
        }

        var address = Upload(bytes) + GuardBytes + byteOffset;
        return new BoundTensor(address, tensor.DType, tensor.Shape, pitch);
    }

    /// <summary>Runs an op into a fresh output.</summary>
    protected float[] Run(Op op, params BoundTensor[] inputs) => Run(op, inputs, out _);

    /// <summary>Runs an op into a fresh output and tells which kernel did it.</summary>
    protected float[] Run(Op op, BoundTensor[] inputs, out string variant)
    {
        var type = op.Infer(Array.ConvertAll(inputs, input => input.Type));
        var bytes = new byte[2 * GuardBytes + type.ByteLength];
        bytes.AsSpan().Fill(0xFF);
        var block = Upload(bytes);
        variant = RunInto(op, inputs, new BoundTensor(block + GuardBytes, type.DType, type.Shape));
        Target.Device.Download(block, bytes);
        Assert.Equal(-1, bytes.AsSpan(0, GuardBytes).IndexOfAnyExcept((byte)0xFF));
        Assert.Equal(-1, bytes.AsSpan(bytes.Length - GuardBytes).IndexOfAnyExcept((byte)0xFF));
        return Decode(bytes.AsSpan(GuardBytes, (int)type.ByteLength), type.DType);
    }

    /// <summary>Runs an op with its output over the input that the contract says it may replace.</summary>
    protected float[] RunInPlace(Op op, params BoundTensor[] inputs)
    {
        Assert.True(inputs[op.InPlaceInput].IsContiguous);
        var type = op.Infer(Array.ConvertAll(inputs, input => input.Type));
        var output = new BoundTensor(inputs[op.InPlaceInput].Address, type.DType, type.Shape);
        RunInto(op, inputs, output);
        return Read(output);
    }

    /// <summary>
    /// Runs an op of which an index does not exist: it must throw or, where the device cannot, give only NaN.
    /// </summary>
    protected void RequireRefused(Op op, params BoundTensor[] inputs)
    {
        if (Target.ThrowsOnBadIndices) Assert.Throws<InvalidRequestException>(() => Run(op, inputs));
        else Assert.All(Run(op, inputs), value => Assert.True(float.IsNaN(value)));
    }

    /// <summary>The elements of a contiguous tensor of the device.</summary>
    protected float[] Read(BoundTensor tensor)
    {
        var bytes = new byte[tensor.Type.ByteLength];
        Target.Device.Download(tensor.Address, bytes);
        return Decode(bytes, tensor.DType);
    }

    /// <summary>The numbers of a contiguous i32 tensor of the device, beyond what an f32 holds.</summary>
    protected int[] ReadIntegers(BoundTensor tensor)
    {
        var values = new int[tensor.Shape.ElementCount];
        Target.Device.Download(tensor.Address, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static float[] Decode(ReadOnlySpan<byte> bytes, DType type)
    {
        var values = new float[bytes.Length / (int)type.ByteSize(1)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = type switch
            {
                DType.F16 => (float)MemoryMarshal.Cast<byte, Half>(bytes)[i],
                DType.BF16 => BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(bytes)[i]),
                DType.I32 => MemoryMarshal.Cast<byte, int>(bytes)[i],
                _ => MemoryMarshal.Cast<byte, float>(bytes)[i],
            };
        }

        return values;
    }

    public void Dispose()
    {
        foreach (var block in _blocks) block.Dispose();
        Assert.Equal(0, _target.LiveBytes);
        _target.Dispose();
        GC.SuppressFinalize(this);
    }

    private string RunInto(Op op, BoundTensor[] inputs, BoundTensor output)
    {
        var kernel = Target.Kernels.Bind(op, inputs, output);
        kernel.Run();
        Target.Device.Synchronize();
        return kernel.Variant;
    }

    private nint Upload(byte[] bytes)
    {
        var block = Target.Device.Allocate(bytes.Length, "conformance");
        _blocks.Add(block);
        Target.Device.Upload(bytes, block.Address);
        return block.Address;
    }
}
