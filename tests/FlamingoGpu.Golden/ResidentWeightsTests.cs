using FlamingoGpu.Formats;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Golden;

/// <summary>Large weights are copied once, hold the same bytes, and their file pages are given back.</summary>
public sealed unsafe class ResidentWeightsTests
{
    private const int Rows = 1031; // a prime, 4 KiB a row: a little over 4 MiB
    private const int Columns = 1024;

    [Fact]
    public void MakeResident_LargeWeight_IsCopiedOnceAndEqual()
    {
        using var scratch = new ScratchFolder();
        using var weights = Open(scratch, out var large, out var small);
        using var device = new CpuDevice(threads: 2, copyWeights: true);
        weights.MakeResident(device, requireFinite: true);

        var copy = device.MakeResident(large.HostAddress, large.Type.ByteLength);
        Assert.NotEqual(large.HostAddress, copy);
        Assert.Equal(copy, device.MakeResident(large.HostAddress, large.Type.ByteLength));
        Assert.True(Span(large.HostAddress).SequenceEqual(Span(copy))); // the released pages come back from the file
        Assert.Equal(small.HostAddress, device.MakeResident(small.HostAddress, small.Type.ByteLength));
    }

    [Fact]
    public void MakeResident_MappedDevice_KeepsTheMapping()
    {
        using var scratch = new ScratchFolder();
        using var weights = Open(scratch, out var large, out _);
        using var device = new CpuDevice(threads: 2);
        weights.MakeResident(device, requireFinite: true);

        Assert.Equal(large.HostAddress, device.MakeResident(large.HostAddress, large.Type.ByteLength));
        Assert.Equal(0, device.LiveBytes);
    }

    [Fact]
    public void Dispose_CopiedWeights_LeavesNothing()
    {
        using var scratch = new ScratchFolder();
        using var weights = Open(scratch, out _, out _);
        var device = new CpuDevice(threads: 1, copyWeights: true);
        weights.MakeResident(device, requireFinite: false);
        Assert.True(device.LiveBytes > 0);
        device.Dispose();

        Assert.Equal(0, device.LiveBytes);
    }

    private static ReadOnlySpan<float> Span(nint address) => new((void*)address, Rows * Columns);

    private static ModelWeights Open(ScratchFolder scratch, out Graph.Weight large, out Graph.Weight small)
    {
        var random = new SplitMix64(5);
        float[] values = [.. Enumerable.Range(0, Rows * Columns).Select(_ => (float)random.NextUnit())];
        var path = Path.Combine(scratch.Path, "weights.safetensors");
        SafetensorsWriter.Write(path, [TensorToWrite.FromSingles("large", [Rows, Columns], values), TensorToWrite.FromSingles("small", [3, 5], values.AsMemory(0, 15))]);
        var weights = new ModelWeights();
        var source = SafetensorsFile.Open(path);
        weights.Own(source);
        var scope = new WeightScope(new TensorWeights(weights, source, "test"));
        large = scope.Matrix("large", [Rows, Columns]);
        small = scope.Matrix("small", [3, 5]);
        Assert.Equal(TensorType.F32([Rows, Columns]), large.Type);
        return weights;
    }
}
