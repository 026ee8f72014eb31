using FlamingoGpu.Formats;
using static FlamingoGpu.Tests.Formats.TestSafetensors;

namespace FlamingoGpu.Tests.Formats;

public sealed class BadSafetensorsTests
{
    private const string Good = """ "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} """;

    private static readonly Dictionary<string, BadFile> Files = new()
    {
        ["empty-file"] = Bad([], "begins with the 8 bytes", offset: 0),
        ["shorter-than-length-field"] = Bad([1, 0, 0], "begins with the 8 bytes", offset: 0),
        ["header-longer-than-file"] = Bad(File(100, "{}"u8.ToArray(), 8), "cut off", offset: 0),
        ["header-over-the-limit"] = Bad(File(100_000_001, "{}"u8.ToArray(), 0), "at most 100000000", offset: 0),
        ["header-length-all-ones"] = Bad(File(ulong.MaxValue, "{}"u8.ToArray(), 0), "at most 100000000", offset: 0),
        ["header-of-no-bytes"] = Bad(File(""), "shortest", offset: 0),
        ["header-of-one-byte"] = Bad(File("{"), "shortest", offset: 0),
        ["header-begins-with-blank"] = Bad(File(" {}"), "begin with '{'", offset: 8),
        ["header-is-an-array"] = Bad(File("[1, 2]"), "begin with '{'", offset: 8),
        ["header-is-no-json"] = Bad(File("{hello}"), "not valid JSON", offset: 9),
        ["header-ends-in-a-string"] = Bad(File("""{"a": "b"""), "not valid JSON", offset: -1),
        ["header-ends-in-a-tensor"] = Bad(File("""{"a": {"dtype": "F32","""), "not valid JSON", offset: -1),
        ["header-with-comment"] = Bad(File("{/* no */}"), "not valid JSON", offset: -1),
        ["text-after-header"] = Bad(File("{} x"), "not valid JSON", offset: 11),
        ["second-object-after-header"] = Bad(File("{}{}"), "not valid JSON", offset: -1),
        ["zero-bytes-after-header"] = Bad(File("{}\0\0"), "not valid JSON", offset: -1),
        ["header-not-utf8"] = Bad(File((byte[])[(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'}']), "not UTF-8", offset: 8),
        ["name-of-half-a-surrogate-pair"] = Bad(File("""{"\ud800": {}}"""), "not valid Unicode", offset: 8),
        ["header-nested-too-deep"] = Bad(
            File("{\"a\":" + new string('[', 100) + new string(']', 100) + "}"), "'a'", "a", -1),

        ["tensor-named-twice"] = Bad(File($"{{{Good},{Good}}}", 8), "names it twice", "a", -1),
        ["tensor-named-twice-by-escape"] = Bad(
            File($"{{{Good},{Good.Replace("\"a\"", "\"\\u0061\"", StringComparison.Ordinal)}}}", 8), "names it twice", "a", -1),
        ["dtype-given-twice"] = Bad(
            File("""{"a": {"dtype": "F32", "dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}""", 8), "'dtype' is given twice", "a", -1),
        ["shape-given-twice"] = Bad(
            File("""{"a": {"dtype": "F32", "shape": [2], "shape": [2], "data_offsets": [0, 8]}}""", 8), "'shape' is given twice", "a", -1),
        ["offsets-given-twice"] = Bad(
            File("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], "data_offsets": [0, 8]}}""", 8),
            "'data_offsets' is given twice", "a", -1),
        ["unknown-key"] = Bad(
            File("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], "strides": [1]}}""", 8), "unknown key 'strides'", "a", -1),
        ["dtype-missing"] = Bad(File("""{"a": {"shape": [2], "data_offsets": [0, 8]}}""", 8), "'dtype' is missing", "a", 9),
        ["shape-missing"] = Bad(File("""{"a": {"dtype": "F32", "data_offsets": [0, 8]}}""", 8), "'shape' is missing", "a", 9),
        ["offsets-missing"] = Bad(File("""{"a": {"dtype": "F32", "shape": [2]}}""", 8), "'data_offsets' is missing", "a", 9),
        ["tensor-is-a-number"] = Bad(File("""{"a": 5}"""), "expected an object", "a", 14),
        ["dtype-unknown"] = Bad(File($"{{{Tensor("a", "F31", "[2]", 0, 8)}}}", 8), "unknown dtype 'F31'", "a", -1),
        ["dtype-in-lower-case"] = Bad(File($"{{{Tensor("a", "f32", "[2]", 0, 8)}}}", 8), "unknown dtype 'f32'", "a", -1),
        ["dtype-is-a-number"] = Bad(
            File("""{"a": {"dtype": 32, "shape": [2], "data_offsets": [0, 8]}}""", 8), "dtype must be a string", "a", -1),
        ["shape-is-a-number"] = Bad(File($"{{{Tensor("a", "F32", "2", 0, 8)}}}", 8), "shape must be an array", "a", -1),
        ["extent-negative"] = Bad(File($"{{{Tensor("a", "F32", "[-2, -1]", 0, 8)}}}", 8), "not negative", "a", -1),
        ["extent-fraction"] = Bad(File($"{{{Tensor("a", "F32", "[2.0]", 0, 8)}}}", 8), "not negative", "a", -1),
        ["extent-beyond-63-bits"] = Bad(File($"{{{Tensor("a", "F32", "[9223372036854775808]", 0, 8)}}}", 8), "63 bits", "a", -1),
        ["extent-nested"] = Bad(File($"{{{Tensor("a", "F32", "[[2]]", 0, 8)}}}", 8), "not negative", "a", -1),
        ["rank-65"] = Bad(File($"{{{Tensor("a", "U8", $"[{string.Join(',', Enumerable.Repeat(1, 65))}]", 0, 1)}}}", 1), "64 extents", "a", -1),
        ["shape-product-overflows"] = Bad(
            File($"{{{Tensor("a", "U8", "[4294967296, 4294967296]", 0, 8)}}}", 8), "overflows", "a", -1),
        ["byte-size-overflows"] = Bad(
            File($"{{{Tensor("a", "F64", "[4611686018427387904]", 0, 8)}}}", 8), "overflows", "a", -1),
        ["size-below-shape"] = Bad(File($"{{{Tensor("a", "F32", "[3]", 0, 8)}}}", 8), "takes 12 bytes", "a", 9),
        ["size-above-shape"] = Bad(File($"{{{Tensor("a", "BF16", "[3]", 0, 8)}}}", 8), "takes 6 bytes", "a", 9),
        ["scalar-of-no-bytes"] = Bad(File($"{{{Tensor("a", "F32", "[]", 0, 0)}}}"), "takes 4 bytes", "a", 9),
        ["packed-elements-in-half-a-byte"] = Bad(File($"{{{Tensor("a", "F4", "[3]", 0, 2)}}}", 2), "whole bytes", "a", 9),
        ["packed-6-bit-in-part-of-a-byte"] = Bad(File($"{{{Tensor("a", "F6_E3M2", "[5]", 0, 4)}}}", 4), "whole bytes", "a", 9),
        ["offsets-reversed"] = Bad(File($"{{{Tensor("a", "F32", "[2]", 8, 0)}}}", 8), "reversed", "a", 9),
        ["offsets-out-of-range"] = Bad(File($"{{{Tensor("a", "F32", "[2]", 0, 8)}}}", 7), "out of range", "a", 9),
        ["offsets-far-out-of-range"] = Bad(
            File($"{{{Tensor("a", "F32", "[2]", long.MaxValue - 8, long.MaxValue)}}}", 8), "out of range", "a", 9),
        ["offset-negative"] = Bad(File($"{{{Tensor("a", "F32", "[2]", -8, 0)}}}", 8), "not negative", "a", -1),
        ["three-offsets"] = Bad(
            File("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8, 8]}}""", 8), "two integers", "a", -1),
        ["one-offset"] = Bad(File("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}""", 8), "two integers", "a", -1),
        ["tensors-overlap"] = Bad(
            File($"{{{Tensor("a", "U8", "[5]", 0, 5)}, {Tensor("b", "U8", "[5]", 3, 8)}}}", 8), "overlaps that of 'a'", "b", -1),
        ["tensors-share-their-bytes"] = Bad(
            File($"{{{Tensor("a", "U8", "[8]", 0, 8)}, {Tensor("b", "U8", "[8]", 0, 8)}}}", 8), "overlaps that of 'a'", "b", -1),
        ["empty-tensor-within-another"] = Bad(
            File($"{{{Tensor("a", "U8", "[8]", 0, 8)}, {Tensor("b", "U8", "[0]", 4, 4)}}}", 8), "overlaps that of 'a'", "b", -1),
        ["hole-between-tensors"] = Bad(
            File($"{{{Tensor("a", "U8", "[3]", 0, 3)}, {Tensor("b", "U8", "[4]", 4, 8)}}}", 8), "hole of 1 bytes", "b", -1),
        ["hole-before-tensors"] = Bad(File($"{{{Tensor("a", "U8", "[7]", 1, 8)}}}", 8), "hole of 1 bytes", "a", -1),
        ["bytes-after-tensors"] = Bad(File($"{{{Tensor("a", "U8", "[7]", 0, 7)}}}", 8), "1 bytes follow", "a", -1),
        ["bytes-without-tensors"] = Bad(File("{}", 8), "8 bytes follow", offset: 10),

        ["metadata-is-an-array"] = Bad(File("""{"__metadata__": []}"""), "object of strings", offset: -1),
        ["metadata-number"] = Bad(File("""{"__metadata__": {"n": 1}}"""), "'n' must be a string", offset: -1),
        ["metadata-nested"] = Bad(File("""{"__metadata__": {"n": {"m": "x"}}}"""), "'n' must be a string", offset: -1),
        ["metadata-key-twice"] = Bad(File("""{"__metadata__": {"n": "1", "n": "2"}}"""), "names 'n' twice", offset: -1),
        ["metadata-twice"] = Bad(File("""{"__metadata__": {}, "__metadata__": {}}"""), "names it twice", "__metadata__", -1),
        ["a-folder"] = new(folder => folder.Path, "this is a folder"),
        ["not-there"] = new(folder => folder.File("none.safetensors"), "does not exist"),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_BadFile_IsRefusedByName(string name) => Files[name].Check(path => SafetensorsFile.Open(path).Dispose());

    [Fact]
    public void Open_EveryTruncationOfAGoodFile_IsRefused()
    {
        var good = File($"{{{Good}, {Tensor("b", "I64", "[1, 1]", 8, 16)}}}", 16);
        using var folder = new TestFolder();
        using (SafetensorsFile.Open(folder.Write("good", good)))
        {
        }
        for (var length = 0; length < good.Length; length++)
        {
            var path = folder.Write("cut", good[..length]);
            Assert.Throws<Core.InvalidFileException>(() => SafetensorsFile.Open(path));
        }
    }

    private static BadFile Bad(byte[] bytes, string phrase, string? tensor = null, long? offset = null) =>
        BadFile.Of(bytes, phrase, tensor, offset, "bad.safetensors");
}
