using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Reorders rows one token of one layer and group at a time, through a copy of the group's token.</summary>
internal sealed unsafe class CpuReorderRows : CpuKernel
{
    private readonly ReorderRows _op;
    private readonly float* _cache;
    private readonly long _layers;
    private readonly long _rows;
    private readonly long _tokens;
    private readonly int _width;
    private readonly long _groups;
    private readonly int* _parents;
    private readonly int* _from;
    private readonly int* _to;

    public CpuReorderRows(CpuDevice device, ReorderRows op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
        : base(device)
    {
        ReorderRows.RequireInPlace("cpu", inputs[0], output);
        (_op, _groups) = (op, inputs[2].Shape.ElementCount);
        (_layers, _rows, _tokens, _width) =
            (output.Shape[0], output.Shape[1], output.Shape[2], checked((int)output.Shape[3]));
        _cache = (float*)output.Address;
        _parents = (int*)inputs[1].Address;
        _from = (int*)inputs[2].Address;
        _to = (int*)inputs[3].Address;
        device.Scratch.ReservePerWorker(4L * op.Group * _width);
    }

    /// <inheritdoc/>
    public override string Variant => "groups";

    /// <inheritdoc/>
    public override void Run() => Dispatch(_layers * _groups);

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        var (layer, group) = Math.DivRem(item, _groups);
        var first = group * _op.Group;
        var copy = new Span<float>((void*)Device.Scratch.OfWorker(worker), _op.Group * _width);
        var from = Math.Max(0, _from[group]);
        var to = Math.Min(Math.Min(_tokens, _to[group]), (long)from + _op.MaxTokens);
        for (long token = from; token < to; token++)
        {
            for (var row = 0; row < _op.Group; row++) Token(layer, first + row, token).CopyTo(copy[(row * _width)..]);
            for (var row = 0; row < _op.Group; row++)
            {
                var parent = _parents[first + row] - first;
                if (parent != row && (ulong)parent < (ulong)_op.Group)
                    copy.Slice((int)parent * _width, _width).CopyTo(Token(layer, first + row, token));
            }
        }
    }

    private Span<float> Token(long layer, long row, long token) =>
        new(_cache + ((layer * _rows + row) * _tokens + token) * _width, _width);
}
