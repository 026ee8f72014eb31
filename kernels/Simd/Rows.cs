using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>Loops over a row of floats whose length need not be a multiple of the vector width.</summary>
internal static unsafe class Rows
{
    private const int MaxLanes = 16;

    /// <summary>The first <paramref name="count"/> floats of a vector; the other lanes are <paramref name="fill"/>.</summary>
    public static TLanes LoadPart<TLanes>(float* source, int count, float fill = 0f)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var lanes = stackalloc float[MaxLanes];
        for (var i = 0; i < TLanes.Count; i++) lanes[i] = i < count ? source[i] : fill;
        return TLanes.Load(lanes);
    }

    /// <summary>Stores the first <paramref name="count"/> lanes.</summary>
    public static void StorePart<TLanes>(TLanes value, float* destination, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var lanes = stackalloc float[MaxLanes];
        value.Store(lanes);
        for (var i = 0; i < count; i++) destination[i] = lanes[i];
    }

    /// <summary>Copies floats; the ranges may be the same but must not overlap otherwise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* source, float* destination, long count) =>
        Buffer.MemoryCopy(source, destination, count * sizeof(float), count * sizeof(float));

    /// <summary>Widens a row of weights to f32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen<TLanes, TWeight>(byte* source, float* destination, long count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TWeight : IWeight
    {
        long i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            TWeight.Load<TLanes>(source + i * TWeight.Size).Store(destination + i);
        for (; i < count; i++) destination[i] = TWeight.LoadOne(source + i * TWeight.Size);
    }

    /// <summary>Rounds a row of f32 to a stored type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Narrow<TLanes, TWeight>(float* source, byte* destination, long count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TWeight : IWeight
    {
        long i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            TWeight.Store(TLanes.Load(source + i), destination + i * TWeight.Size);
        for (; i < count; i++) TWeight.StoreOne(source[i], destination + i * TWeight.Size);
    }

    /// <summary>The first <paramref name="count"/> elements of a vector, widened; the other lanes are zero.</summary>
    public static TLanes LoadPart<TLanes, TWeight>(byte* source, int count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TWeight : IWeight
    {
        var lanes = stackalloc float[MaxLanes];
        for (var i = 0; i < TLanes.Count; i++) lanes[i] = i < count ? TWeight.LoadOne(source + i * TWeight.Size) : 0f;
        return TLanes.Load(lanes);
    }

    /// <summary>y = a + b; y may be a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<TLanes>(float* a, float* b, float* y, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count) (TLanes.Load(a + i) + TLanes.Load(b + i)).Store(y + i);
        for (; i < count; i++) y[i] = a[i] + b[i];
    }

    /// <summary>Sum of a row: four f32 vectors of partial sums, combined in double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum<TLanes>(float* source, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var (sum0, sum1, sum2, sum3) = (TLanes.Zero, TLanes.Zero, TLanes.Zero, TLanes.Zero);
        var i = 0;
        for (; i <= count - 4 * TLanes.Count; i += 4 * TLanes.Count)
        {
            sum0 += TLanes.Load(source + i);
            sum1 += TLanes.Load(source + i + TLanes.Count);
            sum2 += TLanes.Load(source + i + 2 * TLanes.Count);
            sum3 += TLanes.Load(source + i + 3 * TLanes.Count);
        }

        for (; i <= count - TLanes.Count; i += TLanes.Count) sum0 += TLanes.Load(source + i);
        var total = TLanes.SumDouble(sum0) + TLanes.SumDouble(sum1) + TLanes.SumDouble(sum2) + TLanes.SumDouble(sum3);
        for (; i < count; i++) total += source[i];
        return total;
    }

    /// <summary>Sum of (x − center)²: four f32 vectors of partial sums, combined in double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SumOfSquares<TLanes>(float* source, float center, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var (sum0, sum1, sum2, sum3) = (TLanes.Zero, TLanes.Zero, TLanes.Zero, TLanes.Zero);
        var shift = TLanes.All(center);
        var i = 0;
        for (; i <= count - 4 * TLanes.Count; i += 4 * TLanes.Count)
        {
            var x0 = TLanes.Load(source + i) - shift;
            var x1 = TLanes.Load(source + i + TLanes.Count) - shift;
            var x2 = TLanes.Load(source + i + 2 * TLanes.Count) - shift;
            var x3 = TLanes.Load(source + i + 3 * TLanes.Count) - shift;
            sum0 = TLanes.MultiplyAdd(x0, x0, sum0);
            sum1 = TLanes.MultiplyAdd(x1, x1, sum1);
            sum2 = TLanes.MultiplyAdd(x2, x2, sum2);
            sum3 = TLanes.MultiplyAdd(x3, x3, sum3);
        }

        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            var x = TLanes.Load(source + i) - shift;
            sum0 = TLanes.MultiplyAdd(x, x, sum0);
        }

        var total = TLanes.SumDouble(sum0) + TLanes.SumDouble(sum1) + TLanes.SumDouble(sum2) + TLanes.SumDouble(sum3);
        for (; i < count; i++)
        {
            double x = source[i] - center;
            total += x * x;
        }

        return total;
    }

    /// <summary>Largest element of a row, NaN if one is; −∞ for an empty row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Largest<TLanes>(float* source, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var largest = float.NegativeInfinity;
        var i = 0;
        if (count >= TLanes.Count)
        {
            var lanes = TLanes.Load(source);
            for (i = TLanes.Count; i <= count - TLanes.Count; i += TLanes.Count)
                lanes = TLanes.Max(lanes, TLanes.Load(source + i));
            largest = TLanes.Largest(lanes);
        }

        for (; i < count; i++) largest = MathF.Max(largest, source[i]);
        return largest;
    }
}
