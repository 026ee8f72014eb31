using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The one key a decode step adds, of one head: it is attended to from where it was computed, and stored in the cache
/// by the block that does so.
/// </summary>
/// <param name="Key">The new key [D].</param>
/// <param name="Value">The new value [D].</param>
/// <param name="CacheKey">Its place in the cache.</param>
/// <param name="CacheValue">The value's place.</param>
/// <param name="Position">Its position in the cache.</param>
/// <param name="IsValid">Whether it fits the cache; otherwise nothing is stored.</param>
internal sealed record FreshKey(
    FloatPtr Key, FloatPtr Value, FloatPtr CacheKey, FloatPtr CacheValue, S32 Position, Pred IsValid);
