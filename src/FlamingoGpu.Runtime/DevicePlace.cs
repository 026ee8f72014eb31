namespace FlamingoGpu.Runtime;

/// <summary>
/// A place in device memory. Known before the memory is allocated (<see cref="ReservingDevice"/>); its address is not.
/// </summary>
/// <param name="Memory">The block.</param>
/// <param name="Offset">Bytes from its start.</param>
public readonly record struct DevicePlace(DeviceMemory Memory, long Offset)
{
    /// <summary>Address of the first byte.</summary>
    public nint Address => Memory.Address + (nint)Offset;
}
