namespace FlamingoGpu.Formats.Images;

/// <summary>A scan header (ITU T.81, B.2.3): which components, and for progressive frames which part of them.</summary>
/// <param name="Components">The components coded, in the order of the frame.</param>
/// <param name="SpectralStart">First zigzag position coded.</param>
/// <param name="SpectralEnd">Last zigzag position coded.</param>
/// <param name="ApproximationHigh">Bit position of the scan before; 0 in a first scan.</param>
/// <param name="ApproximationLow">Bit position this scan codes down to.</param>
/// <param name="RestartInterval">MCUs between restart markers; 0 for none.</param>
internal sealed record JpegScan(
    JpegComponent[] Components,
    int SpectralStart,
    int SpectralEnd,
    int ApproximationHigh,
    int ApproximationLow,
    int RestartInterval);
