using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Models;

/// <summary>
/// Keys and values of all layers for a batch of rows, preallocated for the whole request. Layout
/// [layer, k|v, batch, context, keyWidth] f32.
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly IDevice _device;
    private readonly DeviceMemory _memory;

    /// <summary>Allocates the cache.</summary>
    /// <exception cref="Core.DeviceException">Not enough memory.</exception>
    public KvCache(IDevice device, ILanguageModel model, int batch, int context)
    {
        _device = device;
        (Layers, Batch, Context, KeyWidth) = (model.Layers, batch, context, model.KeyWidth);
        _memory = device.Allocate(2L * Layers * LayerBytes, "kv cache");
    }

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

    private long RowBytes => (long)Context * KeyWidth * sizeof(float);

    private long LayerBytes => Batch * RowBytes;

    /// <summary>Type of the keys, or of the values, of one layer for the first rows: [batch, context, keyWidth].</summary>
    public TensorType LayerType(int batch) => TensorType.F32([batch, Context, KeyWidth]);

    /// <summary>Address of the keys of a layer.</summary>
    public nint Keys(int layer) => _memory.Address + (nint)(2L * layer * LayerBytes);

    /// <summary>Address of the values of a layer.</summary>
    public nint Values(int layer) => _memory.Address + (nint)((2L * layer + 1) * LayerBytes);

    /// <summary>Copies tokens [from, to) of one row, in all layers, over the same positions of another row.</summary>
    public void CopyRow(int source, int destination, int from, int to)
    {
        if (source == destination || from >= to) return;
        var bytes = (long)(to - from) * KeyWidth * sizeof(float);
        var offset = (long)from * KeyWidth * sizeof(float);
        for (var layer = 0; layer < Layers; layer++)
        {
            foreach (var start in (ReadOnlySpan<nint>)[Keys(layer), Values(layer)])
                _device.Copy(start + (nint)(source * RowBytes + offset), start + (nint)(destination * RowBytes + offset), bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
