using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// Blocks of a baseline or extended sequential scan (ITU T.81, F.2): all 64 coefficients at once, transformed at once.
/// </summary>
internal readonly struct JpegSequential : IJpegBlockDecoder<JpegSequential>
{
    private readonly short[] _block = new short[64];
    private readonly string _name;

    public JpegSequential(string name) => _name = name;

    /// <inheritdoc/>
    public void Reset()
    {
    }

    /// <inheritdoc/>
    public void DecodeBlock(ref JpegBits bits, JpegComponent component, int blockRow, int blockColumn)
    {
        var block = _block.AsSpan(0, 64);
        block.Clear();
        component.DcPrediction += bits.Signed(bits.Symbol(component.DcTable!));
        block[0] = (short)component.DcPrediction;
        var table = component.AcTable!;
        var last = 0;
        for (var k = 1; k < 64; k++)
        {
            var symbol = bits.Symbol(table);
            var size = symbol & 15;
            var run = symbol >> 4;
            if (size == 0)
            {
                if (run != 15) break;
                k += 15;
                continue;
            }

            k += run;
            if (k > 63)
            {
                throw new InvalidFileException(
                    _name, "JPEG: the scan data is damaged; a block has more than 64 coefficients.",
                    offset: bits.Position);
            }

            block[JpegZigzag.ToNatural(k)] = (short)bits.Signed(size);
            last = k;
        }

        var target = component.Plane.AsSpan(blockRow * 8 * component.Stride + blockColumn * 8);
        if (last == 0)
        {
            JpegInverseDct.TransformFlat(block[0] * component.Quantization![0], target, component.Stride);
        }
        else
        {
            JpegInverseDct.Transform(block, component.Quantization!, target, component.Stride);
        }
    }
}
