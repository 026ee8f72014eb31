using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Tests.Models.Tokenization;

/// <summary>
/// Texts for property tests: words, space runs, special literals, marks, astral characters, control characters.
/// </summary>
internal static class AnyText
{
    private static readonly string[] Parts =
    [
        "a", "circle", "Output:", " ", "  ", "   ", "\n", "'s", "42", "½", "é", "e\u0301", "\u0323\u0307",
        "\u1100\u1161\u11A8",
        "日本", "👩‍👩‍👧", "𝒳", "<image>", "<|endofchunk|>", "<|endoftext|>", "<PAD>", "<", "|>", "\0",
        "\u00A0", "\uFFFD", "\uFEFF",
    ];

    /// <summary>Well-formed Unicode text.</summary>
    public static Arbitrary<string> WellFormed => Gen.ArrayOf(Piece).Select(string.Concat).ToArbitrary();

    /// <summary>UTF-16 that may hold halves of surrogate pairs.</summary>
    public static Arbitrary<string> Utf16 => Gen.ArrayOf(Gen.OneOf(
            Piece, Gen.Choose(0xD800, 0xDFFF).Select(unit => ((char)unit).ToString())))
        .Select(string.Concat).ToArbitrary();

    private static Gen<string> Piece => Gen.OneOf(
        Gen.Elements(Parts),
        Gen.Choose(0x20, 0x7E).Select(point => ((char)point).ToString()),
        Gen.Choose(0, 0x10FFFF - 0x800).Select(point => new Rune(point < 0xD800 ? point : point + 0x800).ToString()));
}
