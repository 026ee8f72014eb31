using System.IO.Compression;
using System.Text;
using System.Text.Json;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Tests.Models.Tokenization;

/// <summary>Files of tests/golden/tokenizer and the shipped tokenizer, found from the repository's root.</summary>
internal static class TokenizerGoldens
{
    private static readonly Lazy<BpeTokenizer> ShippedTokenizer = new(() => BpeTokenizer.Load(ShippedPath));

    public static string ShippedPath => Path.Combine(Root, "weights", "flamingo-tiny", "tokenizer.json");

    public static BpeTokenizer Shipped => ShippedTokenizer.Value;

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "FlamingoGpu.sln"))) folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    /// <summary>Text of a gzipped golden file.</summary>
    public static string Read(string name)
    {
        using var file = File.OpenRead(Path.Combine(Root, "tests", "golden", "tokenizer", name));
        using var unpacked = new StreamReader(new GZipStream(file, CompressionMode.Decompress), Encoding.UTF8);
        return unpacked.ReadToEnd();
    }

    /// <summary>The JSON values of a gzipped file with one on each line.</summary>
    public static IEnumerable<JsonElement> ReadLines(string name) =>
        Read(name).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement);

    public static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];
}
