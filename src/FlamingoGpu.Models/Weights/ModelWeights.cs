using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Models;

/// <summary>
/// Owns what a loaded model's <see cref="Weight"/>s point to (mapped files, widened small tensors) and keeps the list
/// of all of them. Dispose after the last use of the model.
/// </summary>
public sealed unsafe class ModelWeights : IDisposable
{
    private const long ReleaseAfterBytes = 128L << 20;

    private readonly List<ITensorSource> _sources = [];
    private readonly List<nint> _allocations = [];
    private readonly List<WeightRecord> _records = [];
    private readonly List<Weight> _weights = [];

    /// <summary>Every tensor the model asked for, in the order of its constructors.</summary>
    public IReadOnlyList<WeightRecord> Records => _records;

    /// <summary>The constants themselves, in the same order.</summary>
    public IReadOnlyList<Weight> Weights => _weights;

    /// <summary>The element type that most bytes of matrices have: f32, f16 or bf16.</summary>
    public DType MatrixType => _records
        .Where(record => record.Shape.Rank >= 2)
        .GroupBy(record => record.DType)
        .OrderByDescending(group => group.Sum(record => record.Bytes))
        .Select(group => group.Key)
        .FirstOrDefault(DType.F32);

    /// <summary>Takes over the disposal of a source.</summary>
    public void Own(ITensorSource source) => _sources.Add(source);

    /// <summary>Native memory that lives as long as this object.</summary>
    public nint Allocate(long byteLength)
    {
        var address = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(byteLength, 1), 64);
        _allocations.Add(address);
        return address;
    }

    /// <summary>Enters a tensor in the list and makes the constant.</summary>
    public Weight Add(string part, string name, TensorType type, nint address)
    {
        _records.Add(new WeightRecord(part, name, type.DType, type.Shape));
        var weight = new Weight(name, type, address);
        _weights.Add(weight);
        return weight;
    }

    /// <summary>An f32 constant that is computed, not stored (ALiBi slopes); it is not a parameter.</summary>
    public Weight Computed(string name, ReadOnlySpan<float> values)
    {
        var address = Allocate(values.Length * sizeof(float));
        values.CopyTo(new Span<float>((void*)address, values.Length));
        return new Weight(name, TensorType.F32([values.Length]), address);
    }

    /// <summary>
    /// Checks every weight and makes it usable by a device, before the first graph needs it; the next one is read and
    /// checked while one is copied. File pages of weights the device has copied are given back on the way, so no second
    /// full copy exists.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="requireFinite">Refuses NaN and infinity.</param>
    /// <param name="progress">Bytes done and all bytes; may be null.</param>
    /// <exception cref="NonFiniteException">Names the tensor and the element.</exception>
    /// <exception cref="DeviceException">The device has no room for its copies.</exception>
    public void MakeResident(IDevice device, bool requireFinite, IProgress<(long Done, long Total)>? progress = null)
    {
        var total = _weights.Sum(weight => weight.Type.ByteLength);
        long done = 0, copied = 0;
        var check = Check(0);
        try
        {
            for (var i = 0; i < _weights.Count; i++)
            {
                check.GetAwaiter().GetResult();
                check = Check(i + 1);
                var (address, bytes) = (_weights[i].HostAddress, _weights[i].Type.ByteLength);
                if (device.MakeResident(address, bytes) != address) copied += bytes;
                if (copied > ReleaseAfterBytes)
                {
                    Release();
                    copied = 0;
                }

                done += bytes;
                progress?.Report((done, total));
            }
        }
        finally
        {
            Task.WaitAny(check); // throws nothing; the check reads what the caller may unmap
        }

        if (copied > 0) Release();

        Task Check(int index) => requireFinite && index < _weights.Count
            ? Task.Run(() => FiniteCheck.Require(_weights[index])) : Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var address in _allocations) NativeMemory.AlignedFree((void*)address);
        _allocations.Clear();
        foreach (var source in _sources) source.Dispose();
        _sources.Clear();
    }

    private void Release()
    {
        foreach (var source in _sources) source.ReleasePages();
    }
}
