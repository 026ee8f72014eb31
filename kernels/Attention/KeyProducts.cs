using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>Dot products of four stored keys with a query; lanes run along the head.</summary>
internal static unsafe class KeyProducts<TLanes, TKey>
    where TLanes : unmanaged, ILanes<TLanes>
    where TKey : IWeight
{
    /// <summary>sums[0 … 3] = the products of four keys of D elements with the query.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(byte* k0, byte* k1, byte* k2, byte* k3, float* query, nint dim, float* sums)
    {
        TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
        nint i = 0;
        for (; i <= dim - TLanes.Count; i += TLanes.Count)
        {
            var lanes = TLanes.Load(query + i);
            sum0 = TLanes.MultiplyAdd(TKey.Load<TLanes>(k0 + i * TKey.Size), lanes, sum0);
            sum1 = TLanes.MultiplyAdd(TKey.Load<TLanes>(k1 + i * TKey.Size), lanes, sum1);
            sum2 = TLanes.MultiplyAdd(TKey.Load<TLanes>(k2 + i * TKey.Size), lanes, sum2);
            sum3 = TLanes.MultiplyAdd(TKey.Load<TLanes>(k3 + i * TKey.Size), lanes, sum3);
        }

        if (i < dim)
        {
            var rest = (int)(dim - i);
            var lanes = Rows.LoadPart<TLanes>(query + i, rest);
            sum0 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes, TKey>(k0 + i * TKey.Size, rest), lanes, sum0);
            sum1 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes, TKey>(k1 + i * TKey.Size, rest), lanes, sum1);
            sum2 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes, TKey>(k2 + i * TKey.Size, rest), lanes, sum2);
            sum3 = TLanes.MultiplyAdd(Rows.LoadPart<TLanes, TKey>(k3 + i * TKey.Size, rest), lanes, sum3);
        }

        sums[0] = TLanes.Sum(sum0);
        sums[1] = TLanes.Sum(sum1);
        sums[2] = TLanes.Sum(sum2);
        sums[3] = TLanes.Sum(sum3);
    }
}
