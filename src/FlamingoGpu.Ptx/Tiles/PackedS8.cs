using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>Four signed 8-bit elements in one word; element i in bits 8i to 8i+7.</summary>
/// <param name="Word">The word.</param>
public readonly record struct PackedS8(B32 Word)
{
    /// <summary>One element, sign-extended.</summary>
    /// <param name="index">0 to 3.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public S32 this[int index, [CallerLineNumber] int line = 0, [CallerFilePath] string file = ""]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, 3u, nameof(index));
            return Isa.Bfe(Word.AsS32(), 8 * index, 8, line, file);
        }
    }

    /// <summary>Four numbers rounded to nearest even, clamped to −128…127 and packed.</summary>
    /// <param name="values">The numbers, already divided by their scale.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static PackedS8 Round(Vec4<F32> values,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(PackedS8), line, file);
        var bytes = new B32[4];
        for (var i = 0; i < 4; i++)
            bytes[i] = Isa.Min(Isa.Max(values[i].RoundToS32(), -128), 127).AsB32();
        var low = Isa.Prmt(bytes[0], bytes[1], 0x0040u);
        var high = Isa.Prmt(bytes[2], bytes[3], 0x0040u);
        return new PackedS8(Isa.Prmt(low, high, 0x5410u));
    }
}
