using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>
/// Operands of one shape on the device, uniform in ±1 (never zeros, which a card multiplies faster), their host copies,
/// and an output filled with NaN.
/// </summary>
internal sealed class GpuOperands : IDisposable
{
    private readonly IDevice _device;
    private readonly List<DeviceMemory> _blocks = [];
    private readonly List<byte[]> _host = [];

    public GpuOperands(IDevice device, GpuShape shape)
    {
        _device = device;
        var random = new SplitMix64(7);
        Inputs = [.. shape.Inputs.Select(type => Place(type, Fill(type, random)))];
        var output = shape.Op.Infer([.. shape.Inputs]);
        var poison = new byte[output.ByteLength];
        poison.AsSpan().Fill(0xFF);
        Output = Place(output, poison);
    }

    public BoundTensor[] Inputs { get; }

    public BoundTensor Output { get; }

    /// <summary>An element of an input.</summary>
    public double this[int input, long element] => Decode(_host[input], Inputs[input].DType, element);

    /// <summary>Elements of the output.</summary>
    public double[] Read(long first, int count)
    {
        var size = (int)Output.DType.ByteSize(1);
        var bytes = new byte[count * size];
        _device.Download(Output.Address + (nint)(first * size), bytes);
        return [.. Enumerable.Range(0, count).Select(i => Decode(bytes, Output.DType, i))];
    }

    public void Dispose()
    {
        foreach (var block in _blocks) block.Dispose();
    }

    private BoundTensor Place(TensorType type, byte[] bytes)
    {
        var block = _device.Allocate(bytes.Length, "bench");
        _blocks.Add(block);
        _host.Add(bytes);
        _device.Upload(bytes, block.Address);
        return new BoundTensor(block.Address, type.DType, type.Shape);
    }

    private static byte[] Fill(TensorType type, SplitMix64 random)
    {
        var bytes = new byte[type.ByteLength];
        if (type.DType == DType.F32)
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(bytes.AsSpan())) value =
                (float)(2 * random.NextUnit() - 1);
        else if (type.DType == DType.BF16)
            foreach (ref var value in MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan())) value =
                BFloat16.FromSingle((float)(2 * random.NextUnit() - 1));
        return bytes;
    }

    private static double Decode(byte[] bytes, DType type, long element) => type switch
    {
        DType.BF16 => BFloat16.ToSingle(MemoryMarshal.Read<ushort>(bytes.AsSpan((int)(2 * element)))),
        DType.I32 => MemoryMarshal.Read<int>(bytes.AsSpan((int)(4 * element))),
        _ => MemoryMarshal.Read<float>(bytes.AsSpan((int)(4 * element))),
    };
}
