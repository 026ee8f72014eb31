using System.Buffers.Binary;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>Follows the markers of a JPEG from start to end and has each scan decoded into the frame's components.</summary>
internal ref struct JpegReader
{
    // Strictly progressive files need far fewer; the number bounds the work a small hostile file can ask for.
    private const int MaxScans = 500;

    // ITU T.81, B.2.3: blocks of one MCU.
    private const int MaxBlocksPerMcu = 10;

    private readonly ReadOnlySpan<byte> _file;
    private readonly string _name;
    private readonly ImageLimits _limits;
    private readonly JpegTables _tables;
    private int _position = 2;
    private int _restartInterval;
    private int _scanCount;
    private bool _hasJfif;
    private int? _adobeTransform;

    public JpegReader(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        _file = file;
        _name = name;
        _limits = limits;
        _tables = new JpegTables(name);
    }

    /// <summary>The frame, decoded up to its planes; null before <see cref="ReadToEndOfImage"/>.</summary>
    public JpegFrame? Frame { get; private set; }

    /// <summary>What the components mean, by libjpeg's rules.</summary>
    public readonly JpegColorSpace ColorSpace
    {
        get
        {
            var components = Frame!.Components;
            if (components.Length == 1) return JpegColorSpace.Grey;
            if (components.Length == 4)
            {
                return _adobeTransform is null or 0 ? JpegColorSpace.Cmyk : JpegColorSpace.Ycck;
            }

            if (_hasJfif) return JpegColorSpace.YCbCr;
            if (_adobeTransform is { } transform) return transform == 0 ? JpegColorSpace.Rgb : JpegColorSpace.YCbCr;
            var namedRgb = components[0].Id == 'R' && components[1].Id == 'G' && components[2].Id == 'B';
            return namedRgb ? JpegColorSpace.Rgb : JpegColorSpace.YCbCr;
        }
    }

    /// <summary>Decodes everything up to the end-of-image marker and checks that nothing is missing.</summary>
    public void ReadToEndOfImage()
    {
        while (true)
        {
            var marker = JpegMarkers.Next(_file, _position, _name, out _position);
            switch (marker)
            {
                case JpegMarkers.Eoi:
                    FinishImage();
                    return;
                case JpegMarkers.Soi:
                    throw Invalid("a second start-of-image marker.");
                case >= JpegMarkers.Rst0 and <= JpegMarkers.Rst7:
                    break;
                case JpegMarkers.Sof0 or JpegMarkers.Sof1 or JpegMarkers.Sof2:
                    if (Frame is not null) throw Invalid("a second frame header.");
                    Frame = JpegFrame.Parse(Segment(), marker == JpegMarkers.Sof2, _name, _limits);
                    break;
                case JpegMarkers.Dht:
                    _tables.ReadHuffman(Segment());
                    break;
                case > JpegMarkers.Sof2 and <= JpegMarkers.Sof15 and not JpegMarkers.Jpg and not JpegMarkers.Dac:
                    throw Invalid($"{UnsupportedCoding(marker)} is not supported; save the picture as baseline JPEG.");
                case JpegMarkers.Dqt:
                    _tables.ReadQuantization(Segment());
                    break;
                case JpegMarkers.Dri:
                    var interval = Segment();
                    if (interval.Length != 2) throw Invalid($"the restart interval has {interval.Length} bytes, not 2.");
                    _restartInterval = BinaryPrimitives.ReadUInt16BigEndian(interval);
                    break;
                case JpegMarkers.Sos:
                    DecodeScan();
                    break;
                case JpegMarkers.App0:
                    var app0 = Segment();
                    _hasJfif |= app0.Length >= 14 && app0.StartsWith("JFIF\0"u8);
                    break;
                case JpegMarkers.App14:
                    var app14 = Segment();
                    if (app14.Length >= 12 && app14.StartsWith("Adobe"u8)) _adobeTransform = app14[11];
                    break;
                case JpegMarkers.Dac or JpegMarkers.Dnl or JpegMarkers.Com or (> JpegMarkers.App0 and <= JpegMarkers.App15):
                    Segment();
                    break;
                default:
                    throw Invalid($"unknown marker 0x{marker:X2}.");
            }
        }
    }

    /// <summary>The payload of the marker segment at the current position; steps behind it.</summary>
    private ReadOnlySpan<byte> Segment()
    {
        if (_file.Length - _position < 2) throw Truncated();
        var length = BinaryPrimitives.ReadUInt16BigEndian(_file[_position..]);
        if (length < 2) throw Invalid($"a marker segment of length {length}; the least is 2.");
        if (_file.Length - _position < length) throw Truncated();
        var payload = _file.Slice(_position + 2, length - 2);
        _position += length;
        return payload;
    }

    private void DecodeScan()
    {
        if (Frame is null) throw Invalid("a scan comes before the frame header.");
        if (++_scanCount > MaxScans) throw Invalid($"more than {MaxScans} scans.");
        if (_scanCount == 1 && !Frame.IsProgressive) _tables.AssumeStandardHuffman();
        var scan = ParseScan(Segment());
        if (_scanCount == 1)
        {
            RequirePlausibleLength();
            Frame.Allocate();
        }

        var bits = new JpegBits(_file, _position, _name);
        _position = Frame.IsProgressive
            ? JpegScanWalk.Run(Frame, scan, bits, new JpegProgressive(scan, _name))
            : JpegScanWalk.Run(Frame, scan, bits, new JpegSequential(_name));
    }

    /// <summary>A sequential block takes two codes and thus two bits at least, a progressive one a bit of its DC scan.</summary>
    private readonly void RequirePlausibleLength()
    {
        var bitsPerBlock = Frame!.IsProgressive ? 1 : 2;
        if ((_file.Length - _position) * 8L >= Frame.BlockCount * bitsPerBlock) return;
        throw Invalid(
            $"the file is truncated: {_file.Length - _position} bytes cannot hold {Frame.Width} x {Frame.Height} pixels.");
    }

    private readonly JpegScan ParseScan(ReadOnlySpan<byte> segment)
    {
        var count = segment.IsEmpty ? 0 : segment[0];
        if (count is < 1 or > 4 || segment.Length != 4 + 2 * count)
        {
            throw Invalid($"the scan header of {segment.Length} bytes does not fit {count} components.");
        }

        var frame = Frame!;
        var components = new JpegComponent[count];
        var progression = segment[(1 + 2 * count)..];
        for (var i = 0; i < count; i++)
        {
            var id = segment[1 + 2 * i];
            var component = Array.Find(frame.Components, c => c.Id == id)
                ?? throw Invalid($"a scan names component {id}, which the frame does not have.");
            if (Array.IndexOf(components, component) >= 0) throw Invalid($"a scan names component {id} twice.");
            components[i] = component;
            component.Quantization ??= _tables.Quantization(component.QuantizationId).ToArray();
            AssignTables(component, segment[2 + 2 * i], progression);
        }

        var blocks = components.Sum(c => c.H * c.V);
        if (count > 1 && blocks > MaxBlocksPerMcu)
        {
            throw Invalid($"an interleaved scan has {blocks} blocks per MCU; {MaxBlocksPerMcu} are allowed.");
        }

        var scan = new JpegScan(
            components, progression[0], progression[1], progression[2] >> 4, progression[2] & 15, _restartInterval);
        if (frame.IsProgressive) AdmitProgressive(scan);
        else AdmitSequential(scan);
        return scan;
    }

    private readonly void AssignTables(JpegComponent component, byte selectors, ReadOnlySpan<byte> progression)
    {
        bool needsDc = true, needsAc = true;
        if (Frame!.IsProgressive)
        {
            needsDc = progression[0] == 0 && progression[2] >> 4 == 0;
            needsAc = progression[0] != 0;
        }

        if (needsDc) component.DcTable = _tables.Dc(selectors >> 4);
        if (needsAc) component.AcTable = _tables.Ac(selectors & 15);
    }

    private readonly void AdmitSequential(JpegScan scan)
    {
        foreach (var component in scan.Components)
        {
            if (component.IsDecoded) throw Invalid($"component {component.Id} is coded twice.");
            component.IsDecoded = true;
        }
    }

    /// <summary>
    /// Each scan must take up where the one before left off. This is what the format asks, and it bounds the number of
    /// times a coefficient can be visited.
    /// </summary>
    private readonly void AdmitProgressive(JpegScan scan)
    {
        var (start, end) = (scan.SpectralStart, scan.SpectralEnd);
        var (high, low) = (scan.ApproximationHigh, scan.ApproximationLow);
        var bandIsLegal = start == 0 ? end == 0 : end >= start && end <= 63 && scan.Components.Length == 1;
        if (!bandIsLegal || low > 13 || (high != 0 && low != high - 1))
        {
            throw Invalid($"illegal progression: coefficients {start} to {end}, bits {high} to {low}.");
        }

        foreach (var component in scan.Components)
        {
            if (start > 0 && component.MissingBits[0] < 0)
            {
                throw Invalid($"component {component.Id} has a detail scan before its first DC scan.");
            }

            for (var k = start; k <= end; k++)
            {
                if (component.MissingBits[k] != (high == 0 ? -1 : high))
                {
                    throw Invalid(
                        $"illegal progression: a scan from bit {high} does not continue component {component.Id}.");
                }

                component.MissingBits[k] = low;
            }
        }
    }

    private readonly void FinishImage()
    {
        if (Frame is null || _scanCount == 0) throw Invalid("the file holds no image.");
        foreach (var component in Frame.Components)
        {
            if (!Frame.IsProgressive)
            {
                if (!component.IsDecoded) throw Invalid($"the file is truncated: component {component.Id} is missing.");
                continue;
            }

            // Beyond these libjpeg smooths nothing, so higher coefficients that never come are simply zero.
            const int LastSmoothed = 9;
            if (component.MissingBits[0] < 0 || component.MissingBits.AsSpan(1, LastSmoothed).ContainsAnyExcept(0))
            {
                throw Invalid($"the file is truncated: scans of component {component.Id} are missing.");
            }

            Transform(component);
        }
    }

    private static void Transform(JpegComponent component)
    {
        for (var row = 0; row < component.BlockRows; row++)
        {
            for (var column = 0; column < component.BlockColumns; column++)
            {
                JpegInverseDct.Transform(
                    component.Coefficients.AsSpan((row * component.PaddedBlockColumns + column) * 64, 64),
                    component.Quantization!,
                    component.Plane.AsSpan(row * 8 * component.Stride + column * 8),
                    component.Stride);
            }
        }

        component.Coefficients = [];
    }

    private static string UnsupportedCoding(int marker) => marker switch
    {
        0xC3 => "lossless coding",
        >= 0xC5 and <= 0xC7 => "hierarchical coding",
        0xC9 or 0xCA => "arithmetic coding",
        0xCB => "lossless arithmetic coding",
        _ => "hierarchical arithmetic coding",
    };

    private readonly InvalidFileException Invalid(string problem) => new(_name, "JPEG: " + problem, offset: _position);

    private readonly InvalidFileException Truncated() =>
        new(_name, "JPEG: the file is truncated within a marker segment.", offset: _position);
}
