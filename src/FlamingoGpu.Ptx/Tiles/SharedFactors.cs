using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>Shared tiles as factors of warpgroup products.</summary>
public static class SharedFactors
{
    /// <summary>The tile as a factor that <c>wgmma</c> reads where it stands.</summary>
    /// <typeparam name="T"><see cref="BF16"/> or <see cref="F16"/>.</typeparam>
    /// <param name="tile">The tile.</param>
    /// <param name="row">First row, a multiple of 8, the same for all threads of a warpgroup.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static SharedFactor<T> Factor<T>(
        this SharedTile<T> tile, S32 row, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IMatrixElement<T>
    {
        ArgumentNullException.ThrowIfNull(tile);
        using var noun = Emitter.Noun(nameof(SharedFactor<>), line, file);
        return new SharedFactor<T>(tile, row);
    }
}
