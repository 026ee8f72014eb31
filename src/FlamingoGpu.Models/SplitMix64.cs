namespace FlamingoGpu.Models;

/// <summary>
/// The SplitMix64 generator (Steele, Lea and Flood, 2014). Own, because what a seed gives must stay the same over
/// versions of .NET: shipped files are made with it.
/// </summary>
public sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        var bits = _state;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>A whole number from 0 to below <paramref name="limit"/>.</summary>
    public int Next(int limit) => (int)((NextBits() >> 32) * (ulong)limit >> 32);

    /// <summary>A number from 0 to below 1, in steps of 2^-53.</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>One element of a list.</summary>
    public T Pick<T>(IReadOnlyList<T> list) => list[Next(list.Count)];
}
