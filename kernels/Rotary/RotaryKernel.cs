// Within the first R of each head's D elements, i and i + R/2 turn by position · frequencies[i]; the rest is copied.
// x [rows, H·D] of In, rows `pitch` apart (may be a column slice); positions [rows] i32; frequencies [R/2] f32, the
// same numbers as the processor's table is built from; y [rows, H·D] of Out, dense.
// An item is a vector of neighbouring pairs of one head, or of elements to copy; each thread has one (RowGrid over
// items). The angle is an f32 product, as in the reference implementations; its sine and cosine are computed here, so
// there is no table that a longer context could outgrow: quadrant and rest by three fused steps of π/2, then
// polynomials, within 2·2⁻²⁴ absolute for positions below 2¹⁷. A negative position gives NaN.
// Bytes: x and y once. FLOPs: 3 per element beside about 25 instructions per pair. D, R (even) and any size.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Turns heads by position, one vector of pairs a thread.</summary>
internal sealed record RotaryKernel(int HeadDim, int RotaryDims, DType In, DType Out, RowGrid Grid) : IKernelVariant
{
    public string Name => $"rotary_{RotaryDims}of{HeadDim}_{In.ShortName()}_{Out.ShortName()}_{Grid.Name}";

    private int Half => RotaryDims / 2;

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "turns (x[i], x[i + R/2]) by position * frequency[i]",
            Grid = Grid.Cover,
            Flops = size => 3 * size["rows"] * size["width"],
            Bytes = size => size["rows"] * (In.ByteSize(size["width"]) + Out.ByteSize(size["width"]) + 4),
        };
        return PtxKernel.Define(Name, Grid.Block, facts, k =>
        {
            var x = k.InputFloats("x", In, (int)In.ByteSize(Grid.Vector));
            var positions = k.Input<S32>("positions", 4);
            var frequencies = k.InputFloats("frequencies", DType.F32, 4 * Math.Min(4, Grid.Vector));
            var y = k.OutputFloats("y", Out, (int)Out.ByteSize(Grid.Vector));
            var pitch = k.Scalar<S64>("pitch");
            var width = k.Scalar<S32>("width");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var (row, column) = Grid.Place(rows, columns);
            var (head, item) = (column / (HeadDim - Half), column % (HeadDim - Half));
            var source = x + row.ToS64() * pitch + head * HeadDim;
            var result = y + Isa.MulWide(row, width) + head * HeadDim;
            if (RotaryDims == HeadDim) Turn();
            else If(item < Half, Turn, () => result.Store(item + Half, source.Load(item + Half, Grid.Vector)));

            void Turn()
            {
                var position = positions[row];
                var angle = Select(position < 0, float.NaN, position.ToF32());
                var turns = frequencies.Load(item, Grid.Vector);
                var (a, b) = (source.Load(item, Grid.Vector), source.Load(item + Half, Grid.Vector));
                for (var i = 0; i < Grid.Vector; i++)
                {
                    var (sine, cosine) = SineCosine(Isa.MulRn(angle, turns[i]));
                    (a[i], b[i]) = (Fma(a[i], cosine, -Isa.MulRn(b[i], sine)),
                        Fma(a[i], sine, Isa.MulRn(b[i], cosine)));
                }

                result.Store(item, a);
                result.Store(item + Half, b);
            }
        });
    }

    /// <summary>
    /// sin and cos of an angle from 0 on. The first step is exact (angle − j·c₁ is a multiple of 2⁻²³ below 2), the
    /// second rounds by at most 2⁻²⁵; the polynomials are Taylor's to x⁹ and x¹⁰, off by at most 2·10⁻⁹ below π/4.
    /// </summary>
    public static (F32 Sine, F32 Cosine) SineCosine(F32 angle)
    {
        var quarter = Isa.CvtRni(Isa.MulRn(angle, 0.636619747f));
        var rest = Fma(quarter, -1.57079637f, angle);
        rest = Fma(quarter, 4.37113883e-8f, rest);
        rest = Fma(quarter, 1.71512489e-15f, rest);
        var square = Isa.MulRn(rest, rest);
        var odd = Fma(Fma(Fma(square, 2.75573192e-6f, -1.98412698e-4f), square, 8.33333333e-3f), square, -0.166666667f);
        var sine = Fma(Isa.MulRn(square, rest), odd, rest);
        var even = Fma(Fma(Fma(square, -2.75573192e-7f, 2.48015873e-5f), square, -1.38888889e-3f), square,
            4.16666667e-2f);
        var cosine = Fma(square, Fma(even, square, -0.5f), 1f);
        var quadrant = quarter.TruncateToS32();
        var isSwapped = (quadrant & 1) != 0;
        var (first, second) = (Select(isSwapped, cosine, sine), Select(isSwapped, sine, cosine));
        return (Select((quadrant & 2) != 0, -first, first), Select(((quadrant + 1) & 2) != 0, -second, second));
    }
}
