using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>Eight signed 4-bit weights in one word; element i in bits 4i to 4i+3, two's complement.</summary>
/// <param name="Word">The word.</param>
public readonly record struct PackedS4(B32 Word)
{
    /// <summary>One element, sign-extended.</summary>
    /// <param name="index">0 to 7.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public S32 this[int index, [CallerLineNumber] int line = 0, [CallerFilePath] string file = ""]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, 7u, nameof(index));
            return Isa.Bfe(Word.AsS32(), 4 * index, 4, line, file);
        }
    }

    /// <summary>
    /// Elements <paramref name="index"/> and <paramref name="index"/> + 4 as bfloat16, in three instructions.
    /// </summary>
    /// <param name="index">0 to 3.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <returns>The lower element in the low half; exact.</returns>
    public BF16x2 PairToBF16x2(int index, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, 3u, nameof(index));
        using var noun = Emitter.Noun(nameof(PairToBF16x2), line, file);
        // A nibble n put under the exponent of 128 reads 128 + n in bfloat16. Flipping its sign bit makes n = s + 8, so
        // taking 136 away leaves s: (word & 0x000F000F) ^ 0x43084308, then 1·v − 136.
        var low = Word >> (4 * index);
        var biased = Isa.Lop3(low, 0x000F000Fu, 0x43084308u, (0xF0 & 0xCC) ^ 0xAA);
        return Isa.FmaRn(biased.AsBF16x2(), ((B32)0x3F803F80u).AsBF16x2(), ((B32)0xC308C308u).AsBF16x2());
    }
}
