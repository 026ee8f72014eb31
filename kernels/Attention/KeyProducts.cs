using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>Dot products of four keys with a query; lanes run along the head.</summary>
internal static unsafe class KeyProducts<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>sums[0 … 3] = the products of four keys of D elements with the query.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(float* k0, float* k1, float* k2, float* k3, float* query, nint dim, float* sums)
    {
        TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
        nint i = 0;
        for (; i <= dim - TLanes.Count; i += TLanes.Count)
        {
            var lanes = TLanes.Load(query + i);
            sum0 = TLanes.MultiplyAdd(TLanes.Load(k0 + i), lanes, sum0);
            sum1 = TLanes.MultiplyAdd(TLanes.Load(k1 + i), lanes, sum1);
            sum2 = TLanes.MultiplyAdd(TLanes.Load(k2 + i), lanes, sum2);
            sum3 = TLanes.MultiplyAdd(TLanes.Load(k3 + i), lanes, sum3);
        }

        if (i < dim)
        {
            var rest = (int)(dim - i);
            var lanes = Rows.LoadPart<TLanes>(query + i, rest);
            sum0 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes>(k0 + i, rest), lanes, sum0);
            sum1 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes>(k1 + i, rest), lanes, sum1);
            sum2 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes>(k2 + i, rest), lanes, sum2);
            sum3 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes>(k3 + i, rest), lanes, sum3);
        }

        sums[0] = TLanes.Sum(sum0);
        sums[1] = TLanes.Sum(sum1);
        sums[2] = TLanes.Sum(sum2);
        sums[3] = TLanes.Sum(sum3);
    }
}
