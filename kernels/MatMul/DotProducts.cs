using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>Dot products of stored rows with an f32 vector; lanes run along the row.</summary>
internal static unsafe class DotProducts<TLanes, TWeight>
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    /// <summary>sums[0 … 3] = the products of four rows of k elements with x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(byte* w0, byte* w1, byte* w2, byte* w3, float* x, nint k, float* sums)
    {
        TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
        nint i = 0;
        for (; i <= k - TLanes.Count; i += TLanes.Count)
        {
            var lanes = TLanes.Load(x + i);
            sum0 = TLanes.MultiplyAdd(TWeight.Load<TLanes>(w0 + i * TWeight.Size), lanes, sum0);
            sum1 = TLanes.MultiplyAdd(TWeight.Load<TLanes>(w1 + i * TWeight.Size), lanes, sum1);
            sum2 = TLanes.MultiplyAdd(TWeight.Load<TLanes>(w2 + i * TWeight.Size), lanes, sum2);
            sum3 = TLanes.MultiplyAdd(TWeight.Load<TLanes>(w3 + i * TWeight.Size), lanes, sum3);
        }

        if (i < k)
        {
            var rest = (int)(k - i);
            var lanes = Rows.LoadPart<TLanes>(x + i, rest);
            sum0 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes, TWeight>(w0 + i * TWeight.Size, rest), lanes, sum0);
            sum1 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes, TWeight>(w1 + i * TWeight.Size, rest), lanes, sum1);
            sum2 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes, TWeight>(w2 + i * TWeight.Size, rest), lanes, sum2);
            sum3 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes, TWeight>(w3 + i * TWeight.Size, rest), lanes, sum3);
        }

        sums[0] = TLanes.Sum(sum0);
        sums[1] = TLanes.Sum(sum1);
        sums[2] = TLanes.Sum(sum2);
        sums[3] = TLanes.Sum(sum3);
    }
}
