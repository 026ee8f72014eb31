namespace FlamingoGpu.Models.Preprocessing;

/// <summary>The part of a resized picture that is wanted; the rest is never computed.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
public readonly record struct ResizeWindow(int Left, int Top, int Width, int Height);
