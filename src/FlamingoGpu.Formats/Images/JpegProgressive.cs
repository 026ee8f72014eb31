using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// Blocks of a progressive scan (ITU T.81, G.1.2 and G.2): DC or a band of AC coefficients, first bits or one more bit.
/// The coefficients are kept and transformed when the last scan is in.
/// </summary>
internal struct JpegProgressive : IJpegBlockDecoder<JpegProgressive>
{
    private readonly JpegScan _scan;
    private readonly string _name;
    private int _endOfBandRun;

    public JpegProgressive(JpegScan scan, string name)
    {
        _scan = scan;
        _name = name;
    }

    /// <inheritdoc/>
    public void Reset() => _endOfBandRun = 0;

    /// <inheritdoc/>
    public void DecodeBlock(ref JpegBits bits, JpegComponent component, int blockRow, int blockColumn)
    {
        var start = (blockRow * component.PaddedBlockColumns + blockColumn) * 64;
        var block = component.Coefficients.AsSpan(start, 64);
        var first = _scan.ApproximationHigh == 0;
        if (_scan.SpectralStart == 0)
        {
            if (first) DcFirst(ref bits, component, block);
            else if (bits.Bits(1) != 0) block[0] |= (short)(1 << _scan.ApproximationLow);
        }
        else if (first)
        {
            AcFirst(ref bits, component.AcTable!, block);
        }
        else
        {
            AcRefine(ref bits, component.AcTable!, block);
        }
    }

    private readonly void DcFirst(ref JpegBits bits, JpegComponent component, Span<short> block)
    {
        component.DcPrediction += bits.Signed(bits.Symbol(component.DcTable!));
        block[0] = (short)(component.DcPrediction << _scan.ApproximationLow);
    }

    private void AcFirst(ref JpegBits bits, JpegHuffmanTable table, Span<short> block)
    {
        if (_endOfBandRun > 0)
        {
            _endOfBandRun--;
            return;
        }

        for (var k = _scan.SpectralStart; k <= _scan.SpectralEnd; k++)
        {
            var symbol = bits.Symbol(table);
            var size = symbol & 15;
            var run = symbol >> 4;
            if (size != 0)
            {
                k += run;
                RequireWithinBlock(k, bits);
                block[JpegZigzag.ToNatural(k)] = (short)(bits.Signed(size) << _scan.ApproximationLow);
            }
            else if (run == 15)
            {
                k += 15;
            }
            else
            {
                _endOfBandRun = (1 << run) + bits.Bits(run) - 1;
                return;
            }
        }
    }

    /// <summary>
    /// Every coefficient that is not zero yet gets a correction bit as it is passed; runs count only zero ones. A new
    /// coefficient can only be ±1 at the current bit.
    /// </summary>
    private void AcRefine(ref JpegBits bits, JpegHuffmanTable table, Span<short> block)
    {
        var k = _scan.SpectralStart;
        if (_endOfBandRun == 0)
        {
            for (; k <= _scan.SpectralEnd; k++)
            {
                var symbol = bits.Symbol(table);
                var size = symbol & 15;
                var run = symbol >> 4;
                short fresh = 0;
                if (size != 0)
                {
                    if (size != 1)
                    {
                        throw new InvalidFileException(
                            _name, "JPEG: the scan data is damaged; a refinement codes more than one bit.",
                            offset: bits.Position);
                    }

                    fresh = (short)((bits.Bits(1) != 0 ? 1 : -1) << _scan.ApproximationLow);
                }
                else if (run != 15)
                {
                    _endOfBandRun = (1 << run) + bits.Bits(run);
                    break;
                }

                k = SkipZeros(ref bits, block, k, run);
                if (fresh != 0)
                {
                    RequireWithinBlock(k, bits);
                    block[JpegZigzag.ToNatural(k)] = fresh;
                }
            }
        }

        if (_endOfBandRun > 0)
        {
            SkipZeros(ref bits, block, k, int.MaxValue);
            _endOfBandRun--;
        }
    }

    /// <summary>
    /// Refines the nonzero coefficients from <paramref name="k"/> on and passes <paramref name="zeros"/> zero ones;
    /// returns the position of the zero coefficient after them, or one past the band.
    /// </summary>
    private readonly int SkipZeros(ref JpegBits bits, Span<short> block, int k, int zeros)
    {
        for (; k <= _scan.SpectralEnd; k++)
        {
            ref var coefficient = ref block[JpegZigzag.ToNatural(k)];
            if (coefficient == 0)
            {
                if (zeros-- == 0) break;
            }
            else if (bits.Bits(1) != 0)
            {
                var bit = 1 << _scan.ApproximationLow;
                if ((coefficient & bit) == 0) coefficient += (short)(coefficient > 0 ? bit : -bit);
            }
        }

        return k;
    }

    private readonly void RequireWithinBlock(int k, in JpegBits bits)
    {
        if (k <= _scan.SpectralEnd) return;
        throw new InvalidFileException(
            _name, "JPEG: the scan data is damaged; a coefficient lies outside its scan's band.", offset: bits.Position);
    }
}
