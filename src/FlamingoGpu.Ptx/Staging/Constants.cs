namespace FlamingoGpu.Ptx;

/// <summary>
/// Puts constants into registers where an assembler need not take them: in braces, as what a store, conversion,
/// shuffle or warp reduction passes on, and where an operation would have nothing but constants.
/// </summary>
internal static class Constants
{
    /// <summary>The slots, with a register in place of each constant that needs one.</summary>
    public static Slot[] InRegisters(Emitter emitter, string mnemonic, Slot[] slots)
    {
        var isMove = mnemonic.StartsWith("mov.", StringComparison.Ordinal);
        var needsRegister = !isMove && (PassesOn(mnemonic) || HasOnlyConstants(mnemonic, slots));
        for (var i = 0; i < slots.Length; i++)
        {
            var slot = slots[i];
            if (slot.IsWritten || slot.IsAddress || !(slot.IsVector || needsRegister)) continue;
            for (var j = 0; j < slot.Values.Length; j++)
                if (IsConstant(slot.Values[j]))
                    slot.Values[j] = Move(emitter, mnemonic, slot.Values[j], isPart: isMove);
            needsRegister = false; // the first source only: what follows are lanes, masks, second operands
        }

        return slots;
    }

    private static bool PassesOn(string mnemonic) => mnemonic.Split('.')[0] is "st" or "cvt" or "shfl" or "redux";

    private static bool HasOnlyConstants(string mnemonic, Slot[] slots) =>
        slots is [{ IsWritten: true }, ..]
        && !mnemonic.StartsWith("createpolicy.", StringComparison.Ordinal) // its fraction is written as a constant
        && slots.Skip(1).All(slot => !slot.IsAddress && Array.TrueForAll(slot.Values, IsConstant));

    private static bool IsConstant(Operand value) => value is { Register: null, IsMissing: false };

    private static Operand Move(Emitter emitter, string mnemonic, Operand constant, bool isPart)
    {
        if (constant.Integer is null && constant.Text!.StartsWith("0f", StringComparison.Ordinal))
            return emitter.Compute(RegisterKind.Float32, "mov.f32", constant);
        var bits = mnemonic[^2..] switch { "64" => 64, "16" => 16, _ => 32 };
        if (isPart) bits /= 2; // mov.b64 takes two halves in braces
        return bits switch
        {
            64 => emitter.Compute(RegisterKind.Bits64, "mov.b64", constant),
            16 => emitter.Compute(RegisterKind.Bits16, "mov.b16", constant),
            _ => emitter.Compute(RegisterKind.Bits32, "mov.b32", constant),
        };
    }
}
