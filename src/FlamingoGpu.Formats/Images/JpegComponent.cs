namespace FlamingoGpu.Formats.Images;

/// <summary>One colour component of a JPEG frame: its sampling, its place in the planes, what has been decoded.</summary>
internal sealed class JpegComponent
{
    /// <summary>The identifier scans refer to.</summary>
    public required byte Id { get; init; }

    /// <summary>Horizontal sampling factor, 1 to 4.</summary>
    public required int H { get; init; }

    /// <summary>Vertical sampling factor, 1 to 4.</summary>
    public required int V { get; init; }

    /// <summary>Which quantisation table.</summary>
    public required int QuantizationId { get; init; }

    /// <summary>Real samples per row and column; what lies beyond them in the plane is padding.</summary>
    public int SampledWidth { get; set; }

    /// <inheritdoc cref="SampledWidth"/>
    public int SampledHeight { get; set; }

    /// <summary>Blocks a scan of this component alone codes.</summary>
    public int BlockColumns { get; set; }

    /// <inheritdoc cref="BlockColumns"/>
    public int BlockRows { get; set; }

    /// <summary>Blocks per row of the plane, padded to whole MCUs.</summary>
    public int PaddedBlockColumns { get; set; }

    /// <inheritdoc cref="PaddedBlockColumns"/>
    public int PaddedBlockRows { get; set; }

    /// <summary>Samples per row of <see cref="Plane"/>.</summary>
    public int Stride => PaddedBlockColumns * 8;

    /// <summary>Decoded samples, [padded rows, padded columns].</summary>
    public byte[] Plane { get; set; } = [];

    /// <summary>Progressive only: coefficients of every block, 64 in natural order.</summary>
    public short[] Coefficients { get; set; } = [];

    /// <summary>The quantisation table in force when the component's first scan began, natural order.</summary>
    public int[]? Quantization { get; set; }

    /// <summary>Progressive only, per zigzag position: −1 before the first scan, then the bits still missing.</summary>
    public int[] MissingBits { get; } = [.. Enumerable.Repeat(-1, 64)];

    /// <summary>Sequential only: true once a scan has coded the component.</summary>
    public bool IsDecoded { get; set; }

    /// <summary>Tables and DC prediction of the scan in progress.</summary>
    public JpegHuffmanTable? DcTable { get; set; }

    /// <inheritdoc cref="DcTable"/>
    public JpegHuffmanTable? AcTable { get; set; }

    /// <inheritdoc cref="DcTable"/>
    public int DcPrediction { get; set; }
}
