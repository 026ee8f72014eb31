using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Rotary embedding inside a kernel: elements i and i + R/2 of a head turn by position · frequencies[i], angle, sine
/// and cosine as <see cref="RotaryKernel"/> has them.
/// </summary>
/// <param name="dims">R, even.</param>
/// <param name="frequencies">[R/2].</param>
/// <param name="past">Position of the first query or new key of the batch entry.</param>
internal sealed class HeadRotation(int dims, Ptr<F32> frequencies, S32 past)
{
    /// <summary>R/2.</summary>
    public int Half => dims / 2;

    /// <summary>Turns elements <paramref name="pair"/> and R/2 behind it.</summary>
    public (F32 First, F32 Second) Turn(F32 first, F32 second, S32 pair, S32 token)
    {
        var (sine, cosine) = RotaryKernel.SineCosine(Isa.MulRn((past + token).ToF32(), frequencies[pair]));
        return (Fma(first, cosine, -Isa.MulRn(second, sine)), Fma(second, cosine, Isa.MulRn(first, sine)));
    }

    /// <summary>One element of a head, turned if it is among the first R.</summary>
    public F32 Element(FloatPtr head, S32 column, S32 token)
    {
        var isFirst = column < Half;
        var pair = Min(Select(isFirst, column, column - Half), Half - 1);
        var (own, other) = (head[column], head[Select(isFirst, column + Half, column - Half)]);
        var (sine, cosine) = RotaryKernel.SineCosine(Isa.MulRn((past + token).ToF32(), frequencies[pair]));
        return Select(column < dims, Fma(own, cosine, Isa.MulRn(other, Select(isFirst, -sine, sine))), own);
    }
}
