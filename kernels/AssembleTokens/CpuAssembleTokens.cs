using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Class token, patches and positions of each image.</summary>
internal sealed unsafe class CpuAssembleTokens<TLanes>(
    CpuDevice device, BoundTensor patches, BoundTensor classToken, BoundTensor positions, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly RowView _patches = new(patches);
    private readonly float* _classToken = (float*)classToken.Address;
    private readonly RowView _positions = new(positions);
    private readonly RowView _y = new(y);
    private readonly long _tokens = y.Shape[1];
    private readonly int _columns = checked((int)y.Columns);

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            var (image, token) = Math.DivRem(row, _tokens);
            var source = token == 0 ? _classToken : _patches.Row(image * (_tokens - 1) + token - 1);
            Rows.Add<TLanes>(source, _positions.Row(token), _y.Row(row), _columns);
        }
    }
}
