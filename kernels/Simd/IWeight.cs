namespace FlamingoGpu.Kernels;

/// <summary>
/// How a weight, or an element of a key-value cache, is stored: its size, how a vector of them widens to f32, and how f32
/// is rounded to it: to the nearest, ties to even.
/// </summary>
internal unsafe interface IWeight
{
    /// <summary>Bytes per element.</summary>
    static abstract int Size { get; }

    /// <summary>Short name for variants, such as <c>bf16</c>.</summary>
    static abstract string Name { get; }

    /// <summary>Reads a vector of elements, any alignment.</summary>
    static abstract TLanes Load<TLanes>(byte* source)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>The weight in the lower half of each 32-bit lane; 2-byte weights only.</summary>
    static abstract TLanes Lower<TLanes>(TLanes words)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>The weight in the upper half of each 32-bit lane; 2-byte weights only.</summary>
    static abstract TLanes Upper<TLanes>(TLanes words)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>Reads one element.</summary>
    static abstract float LoadOne(byte* source);

    /// <summary>Rounds the lanes and stores them, any alignment.</summary>
    static abstract void Store<TLanes>(TLanes value, byte* destination)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>Rounds and stores one element.</summary>
    static abstract void StoreOne(float value, byte* destination);
}
