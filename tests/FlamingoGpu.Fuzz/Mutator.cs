using System.Buffers.Binary;

namespace FlamingoGpu.Fuzz;

/// <summary>
/// Damages valid inputs the way broken downloads and attackers do. The same seed gives the same inputs.
/// </summary>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, int seed)
{
    private static readonly ulong[] InterestingNumbers =
    [
        0, 1, 2, 7, 8, 9, 16, 63, 64, 127, 128, 255, 256, 1000, 4096, 32767, 32768, 65535, 65536, 100_000_000,
        int.MaxValue - 1, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];

    private readonly Random _random = new(seed);

    /// <summary>
    /// One of the seeds with one to eight random wounds, half of the time with one, which gets deepest.
    /// </summary>
    public byte[] Next()
    {
        var bytes = seeds[_random.Next(seeds.Count)].ToList();
        for (var wounds = _random.Next(2) == 0 ? 1 : _random.Next(2, 9); wounds > 0; wounds--) Wound(bytes);
        return [.. bytes];
    }

    private void Wound(List<byte> bytes)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)_random.Next(256));
            return;
        }
        var at = _random.Next(bytes.Count);
        switch (_random.Next(9))
        {
            case 0 or 1:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 3 or 4:
                WriteNumber(bytes, at);
                break;
            case 5:
                // Cutting near the end keeps the header whole, where the interesting checks are.
                var kept = _random.Next(2) == 0 ? at : Math.Max(0, bytes.Count - _random.Next(64));
                bytes.RemoveRange(kept, bytes.Count - kept);
                break;
            case 6:
                bytes.RemoveRange(at, Math.Min(_random.Next(1, 32), bytes.Count - at));
                break;
            case 7:
                var donor = seeds[_random.Next(seeds.Count)];
                var from = _random.Next(donor.Length);
                var length = Math.Min(_random.Next(1, 256), donor.Length - from);
                bytes.InsertRange(at, donor.AsSpan(from, length).ToArray());
                break;
            default:
                // A digit for a digit keeps text formats parsable while their meaning changes.
                var digit = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
                if (digit >= 0) bytes[digit] = (byte)('0' + _random.Next(10));
                break;
        }
    }

    /// <summary>Overwrites what may be a length field: 1, 2, 4 or 8 bytes, either byte order.</summary>
    private void WriteNumber(List<byte> bytes, int at)
    {
        Span<byte> number = stackalloc byte[8];
        var value = InterestingNumbers[_random.Next(InterestingNumbers.Length)];
        var width = 1 << _random.Next(4);
        if (_random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            number = number[..width];
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, value);
            number = number[^width..];
        }
        for (var i = 0; i < width && at + i < bytes.Count; i++) bytes[at + i] = number[i];
    }
}
