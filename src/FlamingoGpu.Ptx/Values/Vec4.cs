namespace FlamingoGpu.Ptx;

/// <summary>Four values loaded or stored by one instruction.</summary>
/// <typeparam name="T">Type of each.</typeparam>
/// <param name="X">At the lowest address.</param>
/// <param name="Y">The next one.</param>
/// <param name="Z">The third.</param>
/// <param name="W">At the highest address.</param>
public readonly record struct Vec4<T>(T X, T Y, T Z, T W)
    where T : struct, IDeviceValue<T>
{
    /// <summary>The value at host index 0 to 3, for unrolled loops.</summary>
    /// <param name="index">0 to 3.</param>
    public T this[int index] => index switch
    {
        0 => X,
        1 => Y,
        2 => Z,
        3 => W,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "a Vec4 has elements 0 to 3"),
    };
}
