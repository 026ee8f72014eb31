namespace FlamingoGpu.Ptx;

/// <summary>
/// A run of columns of a shared tile whose rows are 128, 64, 32 or 16 bytes and swizzled by themselves.
/// </summary>
internal sealed record TilePanel(int FirstColumn, int Columns, int Offset, Swizzle Swizzle);
