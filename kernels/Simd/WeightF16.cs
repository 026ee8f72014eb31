using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>Weights stored as IEEE half-precision floats.</summary>
internal readonly unsafe struct WeightF16 : IWeight
{
    /// <inheritdoc/>
    public static int Size => 2;

    /// <inheritdoc/>
    public static string Name => "f16";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadF16((ushort*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Lower<TLanes>(TLanes words)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LowerF16(words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Upper<TLanes>(TLanes words)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.UpperF16(words);

    /// <inheritdoc/>
    public static float LoadOne(byte* source) => (float)Unsafe.ReadUnaligned<Half>(source);

    /// <inheritdoc/>
    public static void Store<TLanes>(TLanes value, byte* destination)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var lanes = stackalloc float[16];
        value.Store(lanes);
        for (var i = 0; i < TLanes.Count; i++) StoreOne(lanes[i], destination + i * Size);
    }

    /// <inheritdoc/>
    public static void StoreOne(float value, byte* destination) => Unsafe.WriteUnaligned(destination, (Half)value);
}
