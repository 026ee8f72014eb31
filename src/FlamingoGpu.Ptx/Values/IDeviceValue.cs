namespace FlamingoGpu.Ptx;

/// <summary>
/// A value that exists on the device while a kernel runs. On the host it is only a name for it, so it converts to no
/// host type: <c>if (lane &lt; 4)</c> does not compile, <c>If(lane &lt; 4, …)</c> does.
/// </summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IDeviceValue<TSelf>
    where TSelf : struct, IDeviceValue<TSelf>
{
    internal static abstract DeviceType Type { get; }

    internal Operand Operand { get; }

    internal static abstract TSelf From(Operand operand);
}
