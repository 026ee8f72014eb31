namespace FlamingoGpu.Formats.Images;

/// <summary>Decodes one block of a scan.</summary>
/// <typeparam name="TSelf">The implementing struct; generic so that the call is direct.</typeparam>
internal interface IJpegBlockDecoder<TSelf>
    where TSelf : struct, IJpegBlockDecoder<TSelf>
{
    /// <summary>Forgets what is carried from block to block; called at the scan's start and after restart markers.</summary>
    void Reset();

    /// <summary>Reads the block of <paramref name="component"/> at the given place of its padded block grid.</summary>
    void DecodeBlock(ref JpegBits bits, JpegComponent component, int blockRow, int blockColumn);
}

/// <summary>
/// The order of a scan's blocks (ITU T.81, A.2): a single component row by row, several interleaved by MCU, with
/// restart markers in between.
/// </summary>
internal static class JpegScanWalk
{
    /// <summary>Decodes all blocks; returns the offset where the search for the next marker begins.</summary>
    public static int Run<TDecoder>(JpegFrame frame, JpegScan scan, JpegBits bits, TDecoder decoder)
        where TDecoder : struct, IJpegBlockDecoder<TDecoder>
    {
        var alone = scan.Components.Length == 1 ? scan.Components[0] : null;
        var columns = alone?.BlockColumns ?? frame.McuColumns;
        var rows = alone?.BlockRows ?? frame.McuRows;
        var untilRestart = scan.RestartInterval;
        var restarts = 0;
        Reset(scan, ref decoder);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                if (scan.RestartInterval > 0 && untilRestart-- == 0)
                {
                    bits.Restart(restarts++ & 7);
                    Reset(scan, ref decoder);
                    untilRestart = scan.RestartInterval - 1;
                }

                if (alone is not null)
                {
                    decoder.DecodeBlock(ref bits, alone, row, column);
                }
                else
                {
                    DecodeMcu(scan, ref bits, ref decoder, row, column);
                }

                bits.RequireNotExhausted();
            }
        }

        return bits.Position;
    }

    private static void DecodeMcu<TDecoder>(
        JpegScan scan, ref JpegBits bits, ref TDecoder decoder, int mcuRow, int mcuColumn)
        where TDecoder : struct, IJpegBlockDecoder<TDecoder>
    {
        foreach (var component in scan.Components)
        {
            for (var v = 0; v < component.V; v++)
            {
                for (var h = 0; h < component.H; h++)
                {
                    decoder.DecodeBlock(
                        ref bits, component, mcuRow * component.V + v, mcuColumn * component.H + h);
                }
            }
        }
    }

    private static void Reset<TDecoder>(JpegScan scan, ref TDecoder decoder)
        where TDecoder : struct, IJpegBlockDecoder<TDecoder>
    {
        foreach (var component in scan.Components) component.DcPrediction = 0;
        decoder.Reset();
    }
}
