namespace FlamingoGpu.Ptx;

/// <summary>Two values loaded or stored by one instruction.</summary>
/// <typeparam name="T">Type of each.</typeparam>
/// <param name="X">At the lowest address.</param>
/// <param name="Y">The next one.</param>
public readonly record struct Vec2<T>(T X, T Y)
    where T : struct, IDeviceValue<T>;
