using System.Runtime.InteropServices;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Models;

/// <summary>
/// What a decode loop on the device keeps from step to step, in device memory, so that a step needs nothing from the
/// host: the next ids, positions, media spans, chosen and banned ids.
/// </summary>
public sealed class DecodeState : IDisposable
{
    private const int Alignment = 256;

    private readonly IDevice _device;
    private readonly DeviceMemory _memory;
    private readonly Dictionary<string, (long Offset, TensorType Type)> _parts = [];

    /// <summary>Allocates the state.</summary>
    /// <param name="device">Where the loop runs.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="vocabulary">Tokens there are.</param>
    /// <exception cref="Core.DeviceException">Not enough memory.</exception>
    public DecodeState(IDevice device, int batch, int vocabulary)
    {
        _device = device;
        var words = ProcessLogits.WordsFor(vocabulary);
        var end = 0L;
        void Add(string name, TensorType type)
        {
            _parts.Add(name, (end, type));
            end += (type.ByteLength + Alignment - 1) / Alignment * Alignment;
        }

        Add("ids", TensorType.I32([batch, 1]));
        Add("past", TensorType.I32([batch]));
        Add("rows", TensorType.I32([batch]));
        Add("spans", TensorType.I32([batch, 1, 2]));
        Add("seen", TensorType.I32([batch, words]));
        Add("banned", TensorType.I32([words]));
        Add("draws", TensorType.F32([batch]));
        Add("step", TensorType.I32([1]));
        Add("history", TensorType.I32([batch, 1]));
        _memory = device.Allocate(end, "decode state");
    }

    /// <summary>Size in bytes.</summary>
    public long ByteLength => _memory.ByteLength;

    /// <summary>Sets a part: <c>ids</c> [batch, 1], <c>past</c> [batch], <c>rows</c> [batch], <c>spans</c> [batch, 1, 2],
    /// <c>seen</c> [batch, words], <c>banned</c> [words], <c>draws</c> [batch] f32, <c>step</c> [1].</summary>
    /// <exception cref="ArgumentException">The length is not the part's.</exception>
    public void Write<T>(string part, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var (offset, type) = _parts[part];
        var bytes = MemoryMarshal.AsBytes(values);
        if (bytes.Length != type.ByteLength)
            throw new ArgumentException($"'{part}' takes {type}, got {bytes.Length} bytes.", nameof(values));
        _device.Upload(bytes, _memory.Address + (nint)offset);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    internal Value Ids(GraphBuilder g) => Part(g, "ids");

    internal Value Past(GraphBuilder g) => Part(g, "past");

    internal Value Rows(GraphBuilder g) => Part(g, "rows");

    internal Value Spans(GraphBuilder g) => Part(g, "spans");

    internal Value Seen(GraphBuilder g) => Part(g, "seen");

    internal Value Banned(GraphBuilder g) => Part(g, "banned");

    internal Value Draws(GraphBuilder g) => Part(g, "draws");

    /// <summary>Records the step to the next token.</summary>
    internal void Advance(GraphBuilder g, Value chosen) => g.Apply(
        new AdvanceDecode(), chosen, Ids(g), Past(g), Part(g, "history"), Part(g, "step"), Seen(g));

    private Value Part(GraphBuilder g, string name)
    {
        var (offset, type) = _parts[name];
        return g.State(type, new DevicePlace(_memory, offset));
    }
}
