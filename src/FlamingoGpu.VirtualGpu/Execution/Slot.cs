namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Where a value lives in a warp's register file: 32 lanes of 4 or 8 bytes from <paramref name="Offset"/> (counted in
/// 4-byte units), or one lane mask for a predicate; and the lane mask that says which lanes were never written.
/// Literals and special registers have slots too, all with shadow 0, which is always clear.
/// </summary>
/// <param name="Offset">Start in the register file.</param>
/// <param name="Shadow">Index among the shadow masks.</param>
internal readonly record struct Slot(int Offset, int Shadow);
