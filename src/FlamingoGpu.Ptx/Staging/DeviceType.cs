namespace FlamingoGpu.Ptx;

/// <summary>What PTX needs to know about a device type.</summary>
/// <param name="Name">Type suffix of arithmetic, such as <c>s32</c>.</param>
/// <param name="Memory">Type suffix of loads and stores, such as <c>b32</c>.</param>
/// <param name="Size">Bytes in memory.</param>
/// <param name="Kind">Register file.</param>
internal sealed record DeviceType(string Name, string Memory, int Size, RegisterKind Kind)
{
    public static readonly DeviceType S8 = new("s8", "s8", 1, RegisterKind.Bits32);
    public static readonly DeviceType U8 = new("u8", "u8", 1, RegisterKind.Bits32);
    public static readonly DeviceType F16 = new("f16", "b16", 2, RegisterKind.Bits16);
    public static readonly DeviceType BF16 = new("bf16", "b16", 2, RegisterKind.Bits16);
    public static readonly DeviceType S32 = new("s32", "b32", 4, RegisterKind.Bits32);
    public static readonly DeviceType U32 = new("u32", "b32", 4, RegisterKind.Bits32);
    public static readonly DeviceType B32 = new("b32", "b32", 4, RegisterKind.Bits32);
    public static readonly DeviceType F16x2 = new("f16x2", "b32", 4, RegisterKind.Bits32);
    public static readonly DeviceType BF16x2 = new("bf16x2", "b32", 4, RegisterKind.Bits32);
    public static readonly DeviceType F32 = new("f32", "f32", 4, RegisterKind.Float32);
    public static readonly DeviceType S64 = new("s64", "b64", 8, RegisterKind.Bits64);
    public static readonly DeviceType U64 = new("u64", "b64", 8, RegisterKind.Bits64);
    public static readonly DeviceType Pred = new("pred", "", 0, RegisterKind.Predicate);

    /// <summary>The suffix of <c>mov</c> and of the bitwise operations.</summary>
    public string Bits => Kind switch
    {
        RegisterKind.Predicate => "pred",
        RegisterKind.Bits16 => "b16",
        RegisterKind.Bits64 => "b64",
        _ => "b32",
    };

    /// <summary>The suffix of a plain copy.</summary>
    public string Move => Kind == RegisterKind.Float32 ? "f32" : Bits;
}
