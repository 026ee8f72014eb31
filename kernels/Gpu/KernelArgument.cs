using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>One argument of a launch: the address of a tensor or a number.</summary>
public readonly struct KernelArgument
{
    private readonly string _type;

    private KernelArgument(ulong bits, string type) => (Bits, _type) = (bits, type);

    /// <summary>The value as it lies in the parameter block.</summary>
    internal ulong Bits { get; }

    /// <summary>A device address.</summary>
    public static implicit operator KernelArgument(nint address) => new((ulong)address, "u64");

    /// <summary>The address of a tensor's first element.</summary>
    public static implicit operator KernelArgument(BoundTensor tensor) => tensor.Address;

    /// <summary>A signed 32-bit number.</summary>
    public static implicit operator KernelArgument(int value) => new((uint)value, "s32");

    /// <summary>A signed 64-bit number.</summary>
    public static implicit operator KernelArgument(long value) => new((ulong)value, "s64");

    /// <summary>A single-precision number.</summary>
    public static implicit operator KernelArgument(float value) => new(BitConverter.SingleToUInt32Bits(value), "f32");

    /// <summary>Throws unless this is what the parameter takes.</summary>
    internal void RequireFits(string kernel, KernelParameter parameter)
    {
        if (parameter.Type != _type)
            throw new ArgumentException($"{kernel}: parameter '{parameter.Name}' is {parameter.Type}, the argument {_type}.");
        if (parameter.Alignment > 0 && Bits % (ulong)parameter.Alignment != 0)
            throw new NotSupportedException(
                $"{kernel}: '{parameter.Name}' at 0x{Bits:x} is not aligned to {parameter.Alignment} bytes.");
    }
}
