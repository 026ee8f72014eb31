namespace FlamingoGpu.Ptx;

/// <summary>
/// How the 16-byte chunks of a row of shared memory are permuted, so that reading one column of 8 rows touches every
/// bank once: chunk bits are exclusive-ored with row bits. The patterns are those of the tensor memory copies of sm_90.
/// </summary>
internal readonly record struct Swizzle(int RowBytes)
{
    /// <summary>Row bits that take part: 3 for rows of 128 bytes, 2 for 64, 1 for 32, none for 16.</summary>
    public int Mask => RowBytes / 16 - 1;

    /// <summary>
    /// Lowest row bit that takes part: 128-byte rows change every row, 64-byte rows every second, and so on.
    /// </summary>
    public int Shift => RowBytes switch { 128 => 0, 64 => 1, 32 => 2, _ => 3 };

    /// <summary>Bytes after which the pattern repeats; a tile must be aligned to it.</summary>
    public int AtomBytes => RowBytes * 8;

    /// <summary>Byte offset of a chunk within the rows, computed on the device.</summary>
    public U32 Offset(S32 row, S32 chunk)
    {
        var permuted = Mask == 0 ? chunk : chunk ^ ((row >> Shift) & Mask);
        return ((row * RowBytes) + (permuted << 4)).AsU32();
    }
}
