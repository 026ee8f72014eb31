using System.Runtime.CompilerServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>Weights stored as bfloat16: the upper halves of floats.</summary>
internal readonly unsafe struct WeightBF16 : IWeight
{
    /// <inheritdoc/>
    public static int Size => 2;

    /// <inheritdoc/>
    public static string Name => "bf16";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadBF16((ushort*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Lower<TLanes>(TLanes words)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LowerBF16(words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Upper<TLanes>(TLanes words)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.UpperBF16(words);

    /// <inheritdoc/>
    public static float LoadOne(byte* source) => BFloat16.ToSingle(Unsafe.ReadUnaligned<ushort>(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TLanes>(TLanes value, byte* destination)
        where TLanes : unmanaged, ILanes<TLanes> => value.StoreBF16((ushort*)destination);

    /// <inheritdoc/>
    public static void StoreOne(float value, byte* destination) =>
        Unsafe.WriteUnaligned(destination, BFloat16.FromSingle(value));
}
