using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>Weights stored as 32-bit floats.</summary>
internal readonly unsafe struct WeightF32 : IWeight
{
    /// <inheritdoc/>
    public static int Size => 4;

    /// <inheritdoc/>
    public static string Name => "f32";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load((float*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Lower<TLanes>(TLanes words)
        where TLanes : unmanaged, ILanes<TLanes> => throw new NotSupportedException("f32 words hold one weight.");

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Upper<TLanes>(TLanes words)
        where TLanes : unmanaged, ILanes<TLanes> => throw new NotSupportedException("f32 words hold one weight.");

    /// <inheritdoc/>
    public static float LoadOne(byte* source) => Unsafe.ReadUnaligned<float>(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TLanes>(TLanes value, byte* destination)
        where TLanes : unmanaged, ILanes<TLanes> => value.Store((float*)destination);

    /// <inheritdoc/>
    public static void StoreOne(float value, byte* destination) => Unsafe.WriteUnaligned(destination, value);
}
