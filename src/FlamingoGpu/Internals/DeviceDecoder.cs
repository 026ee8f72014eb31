using System.Runtime.InteropServices;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu;

/// <summary>
/// The decode loop on a device with a queue of its own. One step, choice of the token included, is recorded once and
/// replayed; the device runs one step ahead of the host, which fetches a few ids behind it. A step allocates nothing.
/// </summary>
internal sealed class DeviceDecoder : IDisposable
{
    private readonly DecodeState _state;
    private readonly GraphExecutor _step;
    private readonly nint _chosen;
    private readonly IReadback[] _readbacks;
    private readonly float[]? _draws; // null: nothing is drawn
    private readonly int _stepCount;
    private readonly int[] _ids;
    private TokenSampler[] _samplers = [];
    private int _enqueued;
    private int _read;

    /// <summary>Takes over a bound step.</summary>
    /// <param name="device">The device.</param>
    /// <param name="state">State the graph reads and writes; borrowed.</param>
    /// <param name="step">The bound decode graph with output <c>chosen</c>; owned.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="stepCount">Most steps to run.</param>
    /// <param name="draws">True when tokens are drawn, not just the most likely ones taken.</param>
    public DeviceDecoder(
        IRecordingDevice device, DecodeState state, GraphExecutor step, int rows, int stepCount, bool draws)
    {
        (_state, _step, _stepCount) = (state, step, stepCount);
        _chosen = step.AddressOf("chosen");
        _readbacks = [device.CreateReadback(rows * sizeof(int)), device.CreateReadback(rows * sizeof(int))];
        _ids = new int[rows];
        _draws = draws ? new float[rows] : null;
    }

    /// <summary>The node of each step and the variant it got.</summary>
    public IEnumerable<(GraphNode Node, string Variant)> Variants => _step.Variants;

    /// <summary>Sets who hears about every node; steps are then not replayed but run.</summary>
    public IExecutionListener? Listener
    {
        set => _step.Listener = value;
    }

    /// <summary>Gives the first tokens of a request, records the step unless it was, and starts the first.</summary>
    /// <param name="ids">First token of each row, chosen by the host.</param>
    /// <param name="lengths">Tokens in the cache of each row.</param>
    /// <param name="spans">Media of each row's next tokens: [rows, 2].</param>
    /// <param name="samplers">What each row has seen and bans, and its random sequence.</param>
    public void Start(ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths, ReadOnlySpan<int> spans, TokenSampler[] samplers)
    {
        (_samplers, _enqueued, _read) = (samplers, 0, 0);
        _state.Write("ids", ids);
        _state.Write("past", lengths);
        _state.Write<int>("rows", [.. Enumerable.Range(0, ids.Length)]);
        _state.Write("spans", spans);
        var words = samplers[0].SeenBits.Length;
        var seen = new int[samplers.Length * words];
        for (var row = 0; row < samplers.Length; row++) samplers[row].SeenBits.CopyTo(seen.AsSpan(row * words));
        _state.Write<int>("seen", seen);
        _state.Write<int>("banned", samplers[0].BannedBits());
        _state.Write<int>("step", [0]);
        _step.Record(); // not before the first token is out: it takes a while
        Enqueue();
    }

    /// <summary>Waits for the ids of the next step; the step after it is already on its way.</summary>
    /// <returns>One id per row, -1 where the logits were not finite; valid until the next call.</returns>
    public ReadOnlySpan<int> Next()
    {
        Enqueue();
        MemoryMarshal.Cast<byte, int>(_readbacks[_read % 2].Wait()).CopyTo(_ids);
        _read++;
        return _ids;
    }

    /// <summary>
    /// Lets the recorded step run so many times more without the host: what the device alone can do. Nothing of it is
    /// read, and the request is over.
    /// </summary>
    public void RunAlone(int steps)
    {
        for (var i = 0; i < steps; i++) _step.Run();
        _enqueued = _stepCount;
    }

    /// <summary>Runs a step node by node to name the one whose result is not finite.</summary>
    /// <exception cref="Core.NonFiniteException">Names the node.</exception>
    public void RunChecked() => _step.RunChecked();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var readback in _readbacks) readback.Dispose();
        _step.Dispose();
    }

    private void Enqueue()
    {
        if (_enqueued == _stepCount) return;
        if (_draws is not null)
        {
            for (var row = 0; row < _draws.Length; row++) _draws[row] = _samplers[row].NextUnit();
            _state.Write<float>("draws", _draws);
        }

        _step.Run();
        _readbacks[_enqueued % 2].Enqueue(_chosen);
        _enqueued++;
    }
}
