using System.Runtime.CompilerServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The operands of one linear layer and the step behind its sums:
/// y = residual + tanh(gate) · activation(sum + bias) · factor.
/// </summary>
internal sealed unsafe class MatMulBinding<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly Activation _activation;
    private readonly float* _bias;
    private readonly float* _gate;
    private readonly bool _hasFactor;
    private readonly RowView _factor;
    private readonly bool _hasResidual;
    private readonly RowView _residual;
    private readonly RowView _y;

    public MatMulBinding(MatMul op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output, bool interleaved)
    {
        var (x, w) = (inputs[0], inputs[1]);
        X = new RowView(x);
        Rows = x.Rows;
        OutputColumns = checked((int)w.Shape[0]);
        InputColumns = checked((int)w.Shape[1]);
        Weight = new WeightRows((byte*)w.Address, (nint)w.DType.ByteSize(w.RowPitch), OutputColumns, interleaved);
        _activation = op.Epilogue.Activation;
        _bias = op.BiasInput < 0 ? null : (float*)inputs[op.BiasInput].Address;
        _gate = op.GateInput < 0 ? null : (float*)inputs[op.GateInput].Address;
        _hasFactor = op.FactorInput >= 0;
        if (_hasFactor) _factor = new RowView(inputs[op.FactorInput]);
        _hasResidual = op.ResidualInput >= 0;
        if (_hasResidual) _residual = new RowView(inputs[op.ResidualInput]);
        _y = new RowView(output);
    }

    /// <summary>x [M, K].</summary>
    public RowView X { get; }

    /// <summary>M.</summary>
    public long Rows { get; }

    /// <summary>w [N, K].</summary>
    public WeightRows Weight { get; }

    /// <summary>N.</summary>
    public int OutputColumns { get; }

    /// <summary>K.</summary>
    public int InputColumns { get; }

    /// <summary>Finishes the sums of columns column … column+count−1 of one row and stores them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(float* sums, long row, int column, int count)
    {
        var gate = TLanes.All(_gate == null ? 1f : (float)Math.Tanh(*_gate));
        var y = _y.Row(row) + column;
        var factor = _hasFactor ? _factor.Row(row) + column : null;
        var residual = _hasResidual ? _residual.Row(row) + column : null;
        var bias = _bias == null ? null : _bias + column;
        var i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            var value = TLanes.Load(sums + i);
            if (bias != null) value += TLanes.Load(bias + i);
            value = Activations.Apply(_activation, value);
            if (factor != null) value *= TLanes.Load(factor + i);
            if (_gate != null) value *= gate;
            if (residual != null) value += TLanes.Load(residual + i);
            value.Store(y + i);
        }

        if (i == count) return;
        var rest = count - i;
        var tail = FlamingoGpu.Kernels.Rows.LoadPart<TLanes>(sums + i, rest);
        if (bias != null) tail += FlamingoGpu.Kernels.Rows.LoadPart<TLanes>(bias + i, rest);
        tail = Activations.Apply(_activation, tail);
        if (factor != null) tail *= FlamingoGpu.Kernels.Rows.LoadPart<TLanes>(factor + i, rest);
        if (_gate != null) tail *= gate;
        if (residual != null) tail += FlamingoGpu.Kernels.Rows.LoadPart<TLanes>(residual + i, rest);
        FlamingoGpu.Kernels.Rows.StorePart(tail, y + i, rest);
    }
}
