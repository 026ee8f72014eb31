namespace FlamingoGpu.Kernels;

/// <summary>How a weight is stored: the size of an element and how a vector of them widens to f32.</summary>
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
}
