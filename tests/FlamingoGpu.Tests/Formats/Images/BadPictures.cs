using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace FlamingoGpu.Tests.Formats.Images;

/// <summary>Named damaged or hostile picture files, each with a phrase its error must contain.</summary>
internal static class BadPictures
{
    private static readonly byte[] Png = PictureFiles.Read("png_c2_d8_plain_19x13.png");
    private static readonly byte[] PalettePng = PictureFiles.Read("png_c3_d8_plain_19x13.png");
    private static readonly byte[] Jpeg = PictureFiles.Read("jpeg_base_2x2_17x33.jpg");
    private static readonly byte[] Progressive = PictureFiles.Read("jpeg_prog_2x2_17x33.jpg");
    private static readonly byte[] GreyProgressive = PictureFiles.Read("jpeg_grey_prog.jpg");
    private static readonly byte[] Restarts = PictureFiles.Read("jpeg_restart_1B.jpg");
    private static readonly byte[] Gif = PictureFiles.Read("gif_plain_37x29.gif");

    public static readonly IReadOnlyDictionary<string, (byte[] File, string Phrase)> All =
        new Dictionary<string, (byte[], string)>(StringComparer.Ordinal)
        {
            ["EmptyFile"] = ([], "the file is empty"),
            ["TextFile"] = ("hello, world"u8.ToArray(), "not a picture of a known format"),
            ["OnlyPngSignature"] = (Png[..8], "truncated"),

            ["PngCutInHeader"] = (Png[..20], "truncated within chunk IHDR"),
            ["PngCutInData"] = (Png[..200], "truncated within chunk IDAT"),
            ["PngFirstChunkNotHeader"] = ([.. Png[..8], .. Chunk("gAMA", new byte[4]), .. Png[8..]], "not IHDR"),
            ["PngShortHeader"] = ([.. Png[..8], .. Chunk("IHDR", new byte[12])], "12 bytes, not 13"),
            ["PngTwoHeaders"] = ([.. Png[..33], .. Png[8..]], "second IHDR"),
            ["PngEmptyWidth"] = (PngWithHeader(0, 13, 8, 2), "empty picture"),
            ["PngHuge"] = (PngWithHeader(60000, 60000, 8, 2), "more than the limit"),
            ["PngEndlessSide"] = (PngWithHeader(0xFFFFFFFF, 1, 8, 2), "a side may have"),
            ["PngNegativeSide"] = (PngWithHeader(0x80000000, 0x80000000, 8, 2), "a side may have"),
            ["PngSmallFileOfLargePicture"] = (PngWithHeader(6000, 6000, 8, 2), "image data is truncated"),
            ["PngBadDepth"] = (PngWithHeader(19, 13, 3, 0), "bit depth 3"),
            ["PngBadColorType"] = (PngWithHeader(19, 13, 8, 5), "colour type 5"),
            ["PngPaletteOf16Bits"] = (PngWithHeader(19, 13, 16, 3), "bit depth 16"),
            ["PngBadCompression"] = (PngWithHeader(19, 13, 8, 2, compression: 1), "compression method 1"),
            ["PngBadFilterMethod"] = (PngWithHeader(19, 13, 8, 2, filter: 1), "filter method 1"),
            ["PngBadInterlace"] = (PngWithHeader(19, 13, 8, 2, interlace: 2), "interlace method 2"),
            ["PngBadHeaderChecksum"] = (Changed(Png, 30, 0xFF), "checksum of chunk IHDR"),
            ["PngBadDataChecksum"] = (Changed(Png, 60, 0xFF), "checksum of chunk IDAT"),
            ["PngChunkLengthBeyondFile"] = (Changed(Png, 33, 0x7F), "truncated within chunk IDAT"),
            ["PngChunkLengthNegative"] = (Changed(Png, 33, 0xFF), "truncated within chunk IDAT"),
            ["PngBrokenChunkType"] = (Changed(Png, 37, 0x03), "broken chunk type"),
            ["PngUnknownCriticalChunk"] = ([.. Png[..33], .. Chunk("ABCD", []), .. Png[33..]], "critical chunk ABCD"),
            ["PngNoData"] = ([.. Png[..33], .. Chunk("IEND", [])], "no image data"),
            ["PngLongPalette"] = (PngWith("PLTE", new byte[771]), "palette has 771 bytes"),
            ["PngOddPalette"] = (PngWith("PLTE", new byte[7]), "palette has 7 bytes"),
            ["PngShortTransparency"] = (PngWith("tRNS", new byte[4]), "tRNS has 4 bytes"),
            ["PngLongTransparency"] = (
                [.. PalettePng[..33], .. Chunk("tRNS", new byte[257]), .. PalettePng[33..]], "tRNS has 257 entries"),
            ["PngDamagedDeflate"] = (PngWithData([0x78, 0x9C, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]), "damaged"),
            ["PngPresetDictionary"] = (PngWithData([0x78, 0xBB, 1, 2, 3, 4, 5, 6, 7]), "damaged"),
            ["PngTruncatedDeflate"] = (PngWithData(Deflate(new byte[700])), "image data is truncated"),
            ["PngEmptyDeflate"] = (PngWithData([]), "image data is truncated"),
            ["PngBadRowFilter"] = (PngWithData(Deflate([.. new byte[58], 5, .. new byte[58 * 12]])), "row filter 5"),

            ["JpegOnlyStart"] = ([0xFF, 0xD8, 0xFF], "truncated"),
            ["JpegNoImage"] = ([0xFF, 0xD8, 0xFF, 0xD9], "holds no image"),
            ["JpegCutInSegment"] = (Jpeg[..30], "truncated within a marker segment"),
            ["JpegCutInScan"] = (Jpeg[..^40], "truncated within a scan"),
            ["JpegWithoutEnd"] = (Jpeg[..^2], "truncated"),
            ["JpegSegmentLengthZero"] = (Changed(Changed(Jpeg, 4, 0), 5, 0), "segment of length 0"),
            ["JpegEmptyHeight"] = (WithFrame(Jpeg, 1, 0, 0), "empty picture"),
            ["JpegHuge"] = (WithFrame(Jpeg, 1, 0xFF, 0xFF, 0xFF, 0xFF), "more than the limit"),
            ["JpegSmallFileOfLargePicture"] = (WithFrame(Jpeg, 1, 0x10, 0x00, 0x10, 0x00), "the file is truncated"),
            ["JpegSmallFileOfLargeProgressive"] = (
                WithFrame(Progressive, 1, 0x17, 0x00, 0x17, 0x00), "the file is truncated"),
            ["JpegTwelveBits"] = (WithFrame(Jpeg, 0, 12), "12-bit samples"),
            ["JpegWrongComponentCount"] = (WithFrame(Jpeg, 5, 4), "does not fit its component count"),
            ["JpegTwoComponents"] = (
                [0xFF, 0xD8, 0xFF, 0xC0, 0, 14, 8, 0, 9, 0, 9, 2, 1, 0x11, 0, 2, 0x11, 0], "2 components"),
            ["JpegSamplingZero"] = (WithFrame(Jpeg, 7, 0x02), "sampling factors 0 x 2"),
            ["JpegSamplingFive"] = (WithFrame(Jpeg, 7, 0x25), "sampling factors 2 x 5"),
            ["JpegFractionalSampling"] = (WithFrame(Jpeg, 7, 0x31, 1, 2, 0x21), "fractional sampling"),
            ["JpegRepeatedComponent"] = (WithFrame(Jpeg, 9, 1), "identifier 1"),
            ["JpegQuantizationNine"] = (WithFrame(Jpeg, 8, 9), "quantisation table 9"),
            ["JpegQuantizationMissing"] = (WithFrame(Jpeg, 8, 3), "quantisation table 3, which is not defined"),
            ["JpegTwoFrames"] = (InsertBeforeScan(Jpeg, Segment(Jpeg, 0xC0)), "second frame header"),
            ["JpegTwoStarts"] = ([.. Jpeg[..2], .. Jpeg], "second start-of-image"),
            ["JpegScanBeforeFrame"] = ([.. Jpeg[..2], .. Segment(Jpeg, 0xDA)], "before the frame header"),
            ["JpegScanOfUnknownComponent"] = (WithScan(Jpeg, 1, 77), "component 77"),
            ["JpegScanOfFiveComponents"] = (WithScan(Jpeg, 0, 5), "does not fit 5 components"),
            ["JpegScanNamesComponentTwice"] = (WithScan(Jpeg, 3, 1), "component 1 twice"),
            ["JpegHuffmanMissing"] = (WithScan(Jpeg, 2, 0x22), "DC Huffman table 2, which is not defined"),
            ["JpegHuffmanNumberFifteen"] = (WithScan(Jpeg, 2, 0x0F), "AC Huffman table 15, which is not defined"),
            ["JpegHuffmanOverfull"] = (InsertBeforeScan(Jpeg, HuffmanSegment(0, 3)), "more codes of 1 bits"),
            ["JpegHuffmanBadClass"] = (InsertBeforeScan(Jpeg, HuffmanSegment(0x20, 1)), "class 2"),
            ["JpegHuffmanCut"] = (InsertBeforeScan(Jpeg, [0xFF, 0xC4, 0, 5, 0, 1, 1]), "declares 0 symbols in 3 bytes"),
            ["JpegHuffmanAcAsDc"] = (InsertBeforeScan(Jpeg, HuffmanSegment(0, 1, symbol: 0x35)), "symbols beyond 15"),
            ["JpegQuantizationCut"] = (InsertBeforeScan(Jpeg, [0xFF, 0xDB, 0, 5, 0, 1, 1]), "quantisation table 0 has 2"),
            ["JpegRestartIntervalCut"] = (InsertBeforeScan(Jpeg, [0xFF, 0xDD, 0, 3, 1]), "restart interval has 1"),
            ["JpegRestartExpected"] = (InsertBeforeScan(Jpeg, [0xFF, 0xDD, 0, 4, 0, 1]), "restart marker 0 expected"),
            ["JpegRestartOutOfOrder"] = (SwapRestartMarker(), "restart marker 0 expected"),
            ["JpegMarkerInScan"] = (Changed(Changed(Jpeg, Jpeg.Length - 80, 0xFF), Jpeg.Length - 79, 0xD9), "marker comes"),
            ["JpegUnknownMarker"] = (InsertBeforeScan(Jpeg, [0xFF, 0x05]), "unknown marker 0x05"),
            ["JpegLossless"] = (Changed(Jpeg, Find(Jpeg, 0xC0) + 1, 0xC3), "lossless coding"),
            ["JpegHierarchical"] = (Changed(Jpeg, Find(Jpeg, 0xC0) + 1, 0xC5), "hierarchical coding"),
            ["JpegTwoScansOfOneComponent"] = (
                [.. Jpeg[..^2], .. Jpeg[Find(Jpeg, 0xDA)..]], "coded twice"),
            ["JpegComponentMissing"] = (PictureFiles.Read("jpeg_single_scans.jpg") is var single
                ? [.. single[..FindLast(single, 0xDA)], 0xFF, 0xD9]
                : [], "component 3 is missing"),
            ["JpegProgressiveMissingScans"] = (
                [.. Progressive[..FindLast(Progressive, 0xDA)], 0xFF, 0xD9], "scans of component 1 are missing"),
            ["JpegProgressiveBackwards"] = (
                [.. Progressive[..^2], .. Progressive[FindLast(Progressive, 0xDA)..]], "does not continue component 1"),
            ["JpegProgressiveBadBand"] = (Changed(Progressive, Find(Progressive, 0xDA) + 12, 70), "illegal progression"),
            ["JpegProgressiveBadShift"] = (Changed(Progressive, Find(Progressive, 0xDA) + 13, 14), "illegal progression"),
            ["JpegDetailBeforeDc"] = (
                WithScan(InsertBeforeScan(GreyProgressive, HuffmanSegment(0x10, 1)), 3, 1, 5),
                "before its first DC scan"),

            ["GifOnlySignature"] = ("GIF89a"u8.ToArray(), "truncated within the screen descriptor"),
            ["GifCutInPalette"] = (Gif[..100], "truncated within a colour table"),
            ["GifCutInData"] = (Gif[..^300], "truncated within a data block"),
            ["GifNoImage"] = ([.. Gif[..781], (byte)';'], "holds no image"),
            ["GifEmptyFrame"] = (GifWithFrame(0, 29), "first frame is empty"),
            ["GifHuge"] = (GifWithFrame(65535, 65535), "more than the limit"),
            ["GifBadCodeSize"] = (GifWithData(0, [1, 0]), "code size 0"),
            ["GifLargeCodeSize"] = (GifWithData(12, [1, 0]), "code size 12"),
            ["GifEarlyEnd"] = (GifWithData(2, [1, 0b00_101_100, 0]), "ends before the last pixel"),
            ["GifNoData"] = (GifWithData(2, [0]), "ends before the last pixel"),
            ["GifCodeBeyondTable"] = (GifWithData(2, [1, 0b00_111_100, 0]), "code 7 has no meaning"),
            ["GifFirstCodeNotData"] = (GifWithData(2, [1, 0b00_110_100, 0]), "code 6 has no meaning"),
            ["GifShortGraphicControl"] = (
                [.. Gif[..781], 0x21, 0xF9, 1, 0, 0, .. Gif[781..]], "graphic control block is too short"),
        };

    private static byte[] Changed(byte[] file, int offset, byte value)
    {
        var copy = (byte[])file.Clone();
        copy[offset] = value;
        return copy;
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type).CopyTo(chunk, 4);
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), SlowCrc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    /// <summary>The checksum bit by bit, so that the product's tables are tested too.</summary>
    private static uint SlowCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
        }

        return ~crc;
    }

    private static byte[] PngWithHeader(
        uint width, uint height, byte depth, byte colorType, byte compression = 0, byte filter = 0, byte interlace = 0)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[10], header[11], header[12]) = (depth, colorType, compression, filter, interlace);
        return [.. Png[..8], .. Chunk("IHDR", header), .. Png[33..]];
    }

    private static byte[] PngWith(string type, byte[] data) => [.. Png[..33], .. Chunk(type, data), .. Png[33..]];

    private static byte[] PngWithData(byte[] data) => [.. Png[..33], .. Chunk("IDAT", data), .. Chunk("IEND", [])];

    private static byte[] Deflate(byte[] raw)
    {
        using var joined = new MemoryStream();
        using (var deflate = new ZLibStream(joined, CompressionLevel.Optimal)) deflate.Write(raw);
        return joined.ToArray();
    }

    private static int Find(byte[] jpeg, byte marker) => jpeg.AsSpan().IndexOf([(byte)0xFF, marker]);

    private static int FindLast(byte[] jpeg, byte marker) => jpeg.AsSpan().LastIndexOf([(byte)0xFF, marker]);

    private static byte[] Segment(byte[] jpeg, byte marker)
    {
        var start = Find(jpeg, marker);
        return jpeg[start..(start + 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(start + 2)))];
    }

    private static byte[] InsertBeforeScan(byte[] jpeg, byte[] inserted)
    {
        var scan = Find(jpeg, 0xDA);
        return [.. jpeg[..scan], .. inserted, .. jpeg[scan..]];
    }

    private static byte[] WithFrame(byte[] jpeg, int offset, params byte[] bytes) =>
        WithSegment(jpeg, Math.Max(Find(jpeg, 0xC0), Find(jpeg, 0xC2)), offset, bytes);

    private static byte[] WithScan(byte[] jpeg, int offset, params byte[] bytes) =>
        WithSegment(jpeg, Find(jpeg, 0xDA), offset, bytes);

    private static byte[] WithSegment(byte[] jpeg, int marker, int offset, byte[] bytes)
    {
        var copy = (byte[])jpeg.Clone();
        bytes.CopyTo(copy, marker + 4 + offset);
        return copy;
    }

    private static byte[] HuffmanSegment(byte classAndNumber, byte codesOfOneBit, byte symbol = 0)
    {
        var payload = new byte[17 + codesOfOneBit];
        payload[0] = classAndNumber;
        payload[1] = codesOfOneBit;
        payload.AsSpan(17).Fill(symbol);
        return [0xFF, 0xC4, 0, (byte)(payload.Length + 2), .. payload];
    }

    private static byte[] SwapRestartMarker() => Changed(Restarts, Find(Restarts, 0xD0) + 1, 0xD3);

    /// <summary>The file up to its image descriptor: header, palette of 256 colours and a comment.</summary>
    private static byte[] GifStart => Gif[..Gif.AsSpan().IndexOf("hello\0,"u8)];

    private static byte[] GifWithFrame(ushort width, ushort height)
    {
        var at = GifStart.Length + 7;
        var copy = (byte[])Gif.Clone();
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(at + 4), width);
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(at + 6), height);
        return copy;
    }

    private static byte[] GifWithData(byte codeSize, byte[] blocks) =>
        [.. Gif[..(GifStart.Length + 7 + 9)], codeSize, .. blocks, (byte)';'];
}
