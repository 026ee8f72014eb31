using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Models;

/// <summary>
/// Keys and values of all layers for a batch of rows, preallocated for the whole request. Layout
/// [layer, k|v, batch, context, keyWidth].
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly IDevice _device;
    private readonly DeviceMemory _memory;

    /// <summary>Allocates the cache.</summary>
    /// <exception cref="DeviceException">Not enough memory.</exception>
    public KvCache(IDevice device, ILanguageModel model, int batch, int context, DType type = DType.F32)
    {
        (_device, Type) = (device, type);
        (Layers, Batch, Context, KeyWidth) = (model.Layers, batch, context, model.KeyWidth);
        _memory = device.Allocate(2L * Layers * LayerBytes, "kv cache");
    }

    /// <summary>Element type: f32, f16 or bf16.</summary>
    public DType Type { get; }

    /// <summary>Decoder layers.</summary>
    public int Layers { get; }

    /// <summary>Rows.</summary>
    public int Batch { get; }

    /// <summary>Tokens a row can hold.</summary>
    public int Context { get; }

    /// <summary>Numbers per token in the keys of one layer.</summary>
    public int KeyWidth { get; }

    /// <summary>Size in bytes.</summary>
    public long ByteLength => _memory.ByteLength;

    private long RowBytes => Type.ByteSize((long)Context * KeyWidth);

    private long LayerBytes => Batch * RowBytes;

    /// <summary>Type of the keys, or of the values, of one layer for the first rows: [batch, context, keyWidth].</summary>
    public TensorType LayerType(int batch) => new(Type, [batch, Context, KeyWidth]);

    /// <summary>Type of everything: [2 · layers, batch, context, keyWidth].</summary>
    public TensorType WholeType => new(Type, [2L * Layers, Batch, Context, KeyWidth]);

    /// <summary>The keys of a layer.</summary>
    public DevicePlace Keys(int layer) => new(_memory, 2L * layer * LayerBytes);

    /// <summary>The values of a layer.</summary>
    public DevicePlace Values(int layer) => new(_memory, (2L * layer + 1) * LayerBytes);

    /// <summary>Copies tokens [from, to) of one row, in all layers, over the same positions of another row.</summary>
    public void CopyRow(int source, int destination, int from, int to)
    {
        if (source == destination || from >= to) return;
        var bytes = Type.ByteSize((long)(to - from) * KeyWidth);
        var offset = Type.ByteSize((long)from * KeyWidth);
        for (var layer = 0; layer < Layers; layer++)
        {
            foreach (var start in (ReadOnlySpan<nint>)[Keys(layer).Address, Values(layer).Address])
                _device.Copy(start + (nint)(source * RowBytes + offset), start + (nint)(destination * RowBytes + offset), bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
