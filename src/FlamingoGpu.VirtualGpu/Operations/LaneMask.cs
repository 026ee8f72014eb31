using System.Runtime.Intrinsics;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>Lane masks as vectors.</summary>
internal static unsafe class LaneMask
{
    /// <summary>All bits of each of eight lanes, from <paramref name="lane"/> on, whose bit is set.</summary>
    public static Vector256<uint> Of(uint mask, int lane)
    {
        var bits = Vector256.Create(1u, 2, 4, 8, 16, 32, 64, 128);
        return Vector256.Equals(Vector256.Create(mask >> lane) & bits, bits);
    }

    /// <summary>Writes the values of the named lanes.</summary>
    public static void Blend(uint* result, uint* values, uint mask)
    {
        for (var lane = 0; lane < Warp.Size; lane += Vector256<uint>.Count)
        {
            Vector256.ConditionalSelect(Of(mask, lane), Vector256.Load(values + lane), Vector256.Load(result + lane))
                .Store(result + lane);
        }
    }
}
