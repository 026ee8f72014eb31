using System.Globalization;
using FlamingoGpu.Core;

namespace FlamingoGpu.Fuzz;

/// <summary>
/// Feeds a parser of text formats with damaged copies of good files. Whatever is damaged, parsing must end well or in
/// <see cref="InvalidFileException"/>, within the memory the input's size allows.
/// </summary>
internal sealed class DamagedText(string name, IReadOnlyList<byte[]> seeds, Action<byte[]> parse)
{
    private const int DefaultCount = 2000;

    private static readonly string[] Fragments =
    [
        "null", "-1", "1e999", "[]", "{}", "\"", "\\ud800", "\\u0000", "true", "99999999999999999999", "[[[[",
        "\"a\":1,", ",",
    ];

    /// <summary>Runs FLAMINGO_FUZZ_COUNT inputs (2000) and returns how many of them were refused.</summary>
    public int Run()
    {
        foreach (var seed in seeds) parse(seed);
        var random = new Random(1);
        var refused = 0;
        var variable = Environment.GetEnvironmentVariable("FLAMINGO_FUZZ_COUNT");
        var count = int.TryParse(variable, CultureInfo.InvariantCulture, out var wanted) ? wanted : DefaultCount;
        for (var i = 0; i < count; i++)
        {
            var input = Damage(seeds[random.Next(seeds.Count)], random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                parse(input);
            }
            catch (InvalidFileException)
            {
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"{name}: input {i} of {input.Length} bytes: {error}\n{Convert.ToBase64String(input)}");
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(
                allocated < (1 << 20) + 256L * input.Length,
                $"{name}: input {i} of {input.Length} bytes made {allocated} bytes be allocated");
        }

        return refused;
    }

    private static byte[] Damage(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var wounds = random.Next(1, 5); wounds > 0 && bytes.Count > 0; wounds--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    // A whole JSON value or a piece of one, put where a value ended: keeps much of the file readable.
                    var colon = bytes.FindIndex(at, value => value is (byte)':' or (byte)',');
                    var fragment = Fragments[random.Next(Fragments.Length)];
                    bytes.InsertRange(Math.Max(colon, 0), fragment.Select(c => (byte)c));
                    break;
                default:
                    var digit = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
                    if (digit >= 0) bytes[digit] = (byte)('0' + random.Next(10));
                    break;
            }
        }

        return [.. bytes];
    }
}
