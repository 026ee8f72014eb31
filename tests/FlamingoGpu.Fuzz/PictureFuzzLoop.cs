using System.Diagnostics;
using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Images;

namespace FlamingoGpu.Fuzz;

/// <summary>
/// Feeds a picture decoder with damaged files. It must end in time, in a picture or an
/// <see cref="InvalidFileException"/>, and allocate no more than the largest admitted picture takes.
/// FLAMINGO_FUZZ_COUNT sets the number of files (3000), FLAMINGO_FUZZ_SEED the first random number (1).
/// </summary>
internal static class PictureFuzzLoop
{
    private const int MaxPixels = 65536;
    private const int AllocationLimit = 4 << 20;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    /// <summary>Damages golden files whose names begin with <paramref name="prefix"/> and decodes them.</summary>
    /// <param name="prefix">Such as <c>png_</c>.</param>
    /// <param name="decoder">The decoder under test.</param>
    /// <param name="repair">Called on each damaged file, to mend checksums that would hide the code behind them.</param>
    public static void Run(string prefix, IImageDecoder decoder, Action<byte[]>? repair = null)
    {
        var seeds = Directory.GetFiles(FindImages(), prefix + "*").Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes).ToArray();
        Assert.True(seeds.Length > 10, $"only {seeds.Length} seeds");
        var random = new Random(Number("FLAMINGO_FUZZ_SEED", 1));
        var limits = new ImageLimits { MaxPixels = MaxPixels };
        int refused = 0, count = Number("FLAMINGO_FUZZ_COUNT", 3000);
        for (var i = 0; i < count; i++)
        {
            var file = Damage(seeds[random.Next(seeds.Length)], seeds, random);
            if (i % 2 == 0) repair?.Invoke(file);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            try
            {
                decoder.Decode(file, "fuzz", limits).OverWhite();
            }
            catch (InvalidFileException)
            {
                refused++;
            }
#pragma warning disable CA1031 // Any other type escaping is the very thing looked for.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Assert.Fail($"{prefix} input {i}: {error}\n{Convert.ToBase64String(file)}");
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(allocated < AllocationLimit, $"{prefix} input {i} allocated {allocated} bytes");
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeLimit, $"{prefix} input {i} took too long");
        }

        Assert.InRange(refused, 1, count);
    }

    private static byte[] Damage(byte[] seed, byte[][] seeds, Random random)
    {
        var file = seed.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && file.Count > 0; changes--)
        {
            var at = random.Next(file.Count);
            switch (random.Next(7))
            {
                case 0:
                    file[at] = (byte)random.Next(256);
                    break;
                case 1:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    file[at] = random.Next(2) == 0 ? (byte)0 : (byte)255;
                    break;
                case 3:
                    file.RemoveRange(at, Math.Min(random.Next(1, 20), file.Count - at));
                    break;
                case 4:
                    file.InsertRange(at, file.GetRange(at, Math.Min(random.Next(1, 60), file.Count - at)));
                    break;
                case 5:
                    var other = seeds[random.Next(seeds.Length)];
                    file.InsertRange(at, other.Skip(random.Next(other.Length)).Take(random.Next(1, 200)));
                    break;
                default:
                    if (random.Next(4) == 0) file.RemoveRange(at, file.Count - at);
                    break;
            }
        }

        return [.. file];
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;

    private static string FindImages()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var images = Path.Combine(folder, "tests", "golden", "images");
            if (Directory.Exists(images)) return images;
        }

        throw new DirectoryNotFoundException($"no tests/golden/images above {AppContext.BaseDirectory}");
    }
}
