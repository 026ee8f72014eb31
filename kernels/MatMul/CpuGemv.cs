// Matrix product for few rows of x (decode): y[M,N] = epilogue(x[M,K] · w[N,K]ᵀ), M ≤ 8, w row-major in f32, f16, bf16.
//
// Bound by reading w once. Item = a run of rows of w; four rows at a time are read along k, widened in registers and
// multiplied with one to four rows of x. Lanes run along k, partial sums are f32 lanes added in pairs at the end.
// Any N, K and alignment; 2·M FLOPs per element of w.

using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Linear layer for up to <see cref="MaxRows"/> rows of x.</summary>
internal sealed unsafe class CpuGemv<TLanes, TWeight> : CpuKernel
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    /// <summary>Most rows of x.</summary>
    public const int MaxRows = 8;

    private const int WeightRowsPerItem = 64;

    private readonly MatMulBinding<TLanes> _binding;

    public CpuGemv(CpuDevice device, MatMulBinding<TLanes> binding)
        : base(device) => _binding = binding;

    /// <inheritdoc/>
    public override string Variant => $"gemv-{TWeight.Name}-rows4";

    /// <inheritdoc/>
    public override void Run() => Dispatch((_binding.OutputColumns + WeightRowsPerItem - 1) / WeightRowsPerItem);

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        var sums = stackalloc float[MaxRows * WeightRowsPerItem];
        var column = item * WeightRowsPerItem;
        var columns = Math.Min(WeightRowsPerItem, _binding.OutputColumns - column);
        var pitchBytes = _binding.WeightPitch * TWeight.Size;
        var weight = _binding.Weight + column * pitchBytes;
        var rows = (int)_binding.Rows;
        for (var n = 0; n < columns; n += 4)
        {
            var group = Math.Min(4, columns - n);
            for (var row = 0; row < rows; row++)
            {
                // A last group of fewer than four rows reads its first row in place of the missing ones.
                var w0 = weight + n * pitchBytes;
                DotProducts<TLanes, TWeight>.Four(
                    w0,
                    group > 1 ? w0 + pitchBytes : w0,
                    group > 2 ? w0 + 2 * pitchBytes : w0,
                    group > 3 ? w0 + 3 * pitchBytes : w0,
                    _binding.X.Row(row),
                    _binding.InputColumns,
                    sums + row * WeightRowsPerItem + n);
            }
        }

        for (var row = 0; row < rows; row++) _binding.Store(sums + row * WeightRowsPerItem, row, column, columns);
    }
}
