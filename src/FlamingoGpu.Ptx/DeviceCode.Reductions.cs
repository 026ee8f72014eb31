using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class DeviceCode
{
    /// <summary>
    /// The sum over a warp (or over each group of <paramref name="width"/> lanes), the same bits in every lane.
    /// </summary>
    /// <param name="value">This lane's part; every lane of the warp takes part.</param>
    /// <param name="width">Lanes of a group: 32, 16, 8, 4 or 2.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 WarpSum(F32 value, int width = 32,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(WarpSum), line, file);
        return Butterfly(value, width, (a, b) => Isa.AddRn(a, b));
    }

    /// <summary>
    /// The sums of several values over a warp, together in little more than one exchange a value: lanes ℓ of the i-th
    /// group of 32 / count get the sum of the i-th value.
    /// </summary>
    /// <param name="values">This lane's parts, 1, 2, 4 … 32 of them; every lane of the warp takes part.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 WarpSums(ReadOnlySpan<F32> values,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(WarpSums), line, file);
        if (values.Length is not (1 or 2 or 4 or 8 or 16 or 32))
            Emitter.Current.Fail($"{values.Length} values cannot be summed together; 1, 2, 4, 8, 16 or 32 can.");
        var parts = values.ToArray();
        var bit = 16;
        for (; parts.Length > 1; bit /= 2)
        {
            // Lanes with the bit keep the upper half of the values and give the lower half away, others the reverse.
            var isUpper = (LaneId & bit) != 0;
            var half = parts.Length / 2;
            var kept = new F32[half];
            for (var i = 0; i < half; i++)
            {
                var given = Select(isUpper, parts[i], parts[half + i]);
                kept[i] = Isa.AddRn(
                    Select(isUpper, parts[half + i], parts[i]), Isa.ShflSync(Shuffle.Butterfly, given, bit));
            }

            parts = kept;
        }

        return Butterfly(parts[0], 2 * bit, (a, b) => Isa.AddRn(a, b));
    }

    /// <summary>
    /// The largest over a warp (or over each group of <paramref name="width"/> lanes), in every lane.
    /// </summary>
    /// <inheritdoc cref="WarpSum"/>
    public static F32 WarpMax(F32 value, int width = 32,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(WarpMax), line, file);
        return Butterfly(value, width, (a, b) => Isa.Max(a, b));
    }

    /// <summary>
    /// The sum over the block, the same bits in every thread: butterflies in the warps, then the warps in order. Every
    /// thread must come here; two barriers, one where it is the kernel's first reduction and stands in no loop.
    /// </summary>
    /// <param name="value">This thread's part.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 BlockSum(F32 value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(BlockSum), line, file);
        return AcrossWarps(value, (a, b) => Isa.AddRn(a, b));
    }

    /// <summary>The largest over the block, in every thread. Every thread must come here; barriers as of
    /// <see cref="BlockSum"/>.</summary>
    /// <inheritdoc cref="BlockSum"/>
    public static F32 BlockMax(F32 value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(BlockMax), line, file);
        return AcrossWarps(value, (a, b) => Isa.Max(a, b));
    }

    private static F32 Butterfly(F32 value, int width, Func<F32, F32, F32> combine)
    {
        for (var bit = width / 2; bit >= 1; bit /= 2)
            value = combine(value, Isa.ShflSync(Shuffle.Butterfly, value, bit, width));
        return value;
    }

    private static F32 AcrossWarps(F32 value, Func<F32, F32, F32> combine)
    {
        var emitter = Emitter.Current;
        var block = emitter.Block!.Value;
        if (block.Y != 1 || block.Z != 1 || block.X % 32 != 0)
            emitter.Fail($"a block reduction needs a block of whole warps along x, not {block}.");
        var warps = block.X / 32;
        value = Butterfly(value, 32, combine);
        if (warps == 1) return value;

        // One array serves all reductions of the kernel: a barrier keeps the next from overtaking readers.
        if (emitter.ReductionParts is not null || emitter.IsInLoop) Barrier();
        var parts = emitter.ReductionParts ??= SharedArray<F32>(warps);
        When(LaneId == 0, () => parts[WarpId] = value);
        Barrier();
        var all = parts[0];
        for (var warp = 1; warp < warps; warp++) all = combine(all, parts[warp]);
        return all;
    }
}
