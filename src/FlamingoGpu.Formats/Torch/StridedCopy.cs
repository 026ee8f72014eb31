namespace FlamingoGpu.Formats;

/// <summary>Gathers the elements of a strided view into row-major order.</summary>
internal static unsafe class StridedCopy
{
    /// <summary>Copies all elements; the caller has checked that every one lies in the source.</summary>
    /// <param name="tensor">Shape, strides (in elements) and element size.</param>
    /// <param name="source">The view's first element.</param>
    /// <param name="destination">Room for the contiguous tensor.</param>
    public static void Gather(TorchTensor tensor, byte* source, byte* destination)
    {
        var elementBytes = tensor.ByteLength / Math.Max(1, tensor.Shape.ElementCount);
        switch (elementBytes)
        {
            case 1: Gather<byte>(tensor, (byte*)source, (byte*)destination); break;
            case 2: Gather<ushort>(tensor, (ushort*)source, (ushort*)destination); break;
            case 4: Gather<uint>(tensor, (uint*)source, (uint*)destination); break;
            default: Gather<ulong>(tensor, (ulong*)source, (ulong*)destination); break;
        }
    }

    private static void Gather<T>(TorchTensor tensor, T* source, T* destination)
        where T : unmanaged
    {
        if (tensor.Shape.ElementCount == 0) return;
        var extents = tensor.Shape.Extents;
        var strides = tensor.Strides;
        var rank = extents.Length;
        var (rowLength, rowStride) = rank == 0 ? (1, 1) : (extents[^1], strides[^1]);
        Span<long> position = stackalloc long[rank];
        long offset = 0;
        while (true)
        {
            for (long i = 0; i < rowLength; i++) *destination++ = source[offset + (i * rowStride)];

            // The axes above the row count like an odometer.
            var axis = rank - 2;
            for (; axis >= 0; axis--)
            {
                offset += strides[axis];
                if (++position[axis] < extents[axis]) break;
                offset -= strides[axis] * extents[axis];
                position[axis] = 0;
            }
            if (axis < 0) return;
        }
    }
}
