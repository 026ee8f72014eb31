using System.Buffers.Binary;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>The frame header of a JPEG (ITU T.81, B.2.2), checked, with the sizes that follow from it.</summary>
internal sealed class JpegFrame
{
    private JpegFrame(int width, int height, bool progressive, JpegComponent[] components)
    {
        Width = width;
        Height = height;
        IsProgressive = progressive;
        Components = components;
        MaxH = components.Max(c => c.H);
        MaxV = components.Max(c => c.V);
        McuColumns = CeilingDivide(width, 8 * MaxH);
        McuRows = CeilingDivide(height, 8 * MaxV);
        foreach (var component in components)
        {
            component.SampledWidth = CeilingDivide(width * component.H, MaxH);
            component.SampledHeight = CeilingDivide(height * component.V, MaxV);
            component.BlockColumns = CeilingDivide(component.SampledWidth, 8);
            component.BlockRows = CeilingDivide(component.SampledHeight, 8);
            component.PaddedBlockColumns = McuColumns * component.H;
            component.PaddedBlockRows = McuRows * component.V;
        }
    }

    public int Width { get; }

    public int Height { get; }

    public bool IsProgressive { get; }

    public JpegComponent[] Components { get; }

    /// <summary>Largest horizontal sampling factor of any component.</summary>
    public int MaxH { get; }

    /// <summary>Largest vertical sampling factor of any component.</summary>
    public int MaxV { get; }

    /// <summary>MCUs per row of an interleaved scan.</summary>
    public int McuColumns { get; }

    /// <summary>Rows of MCUs of an interleaved scan.</summary>
    public int McuRows { get; }

    /// <summary>Blocks that the scans must code at least once.</summary>
    public long BlockCount => Components.Sum(c => (long)c.BlockColumns * c.BlockRows);

    public static JpegFrame Parse(ReadOnlySpan<byte> segment, bool progressive, string name, ImageLimits limits)
    {
        if (segment.Length < 6 || segment.Length != 6 + 3 * segment[5])
        {
            throw new InvalidFileException(
                name, $"JPEG: the frame header has {segment.Length} bytes, which does not fit its component count.");
        }

        if (segment[0] != 8)
        {
            throw new InvalidFileException(name, $"JPEG: {segment[0]}-bit samples; only 8 bits are supported.");
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        limits.Check(name, "JPEG", width, height);
        var count = segment[5];
        if (count is not (1 or 3 or 4))
        {
            throw new InvalidFileException(name, $"JPEG: {count} components; pictures have 1, 3 or 4.");
        }

        var components = new JpegComponent[count];
        for (var i = 0; i < count; i++)
        {
            var fields = segment.Slice(6 + 3 * i, 3);
            components[i] = new JpegComponent
            {
                Id = fields[0],
                H = fields[1] >> 4,
                V = fields[1] & 15,
                QuantizationId = fields[2],
            };
        }

        CheckComponents(components, name);
        return new JpegFrame(width, height, progressive, components);
    }

    /// <summary>Reserves planes (and coefficients) once the file is known to be long enough to fill them.</summary>
    public void Allocate()
    {
        foreach (var component in Components)
        {
            var blocks = (long)component.PaddedBlockColumns * component.PaddedBlockRows;
            component.Plane = new byte[checked((int)(blocks * 64))];
            if (IsProgressive) component.Coefficients = new short[checked((int)(blocks * 64))];
        }
    }

    private static void CheckComponents(JpegComponent[] components, string name)
    {
        foreach (var component in components)
        {
            if (component.H is < 1 or > 4 || component.V is < 1 or > 4)
            {
                throw new InvalidFileException(
                    name, $"JPEG: sampling factors {component.H} x {component.V}; each must be 1 to 4.");
            }

            if (component.QuantizationId > 3)
            {
                throw new InvalidFileException(
                    name, $"JPEG: quantisation table {component.QuantizationId}; there are tables 0 to 3.");
            }

            if (components.Count(other => other.Id == component.Id) > 1)
            {
                throw new InvalidFileException(name, $"JPEG: two components have the identifier {component.Id}.");
            }

            int maxH = components.Max(c => c.H), maxV = components.Max(c => c.V);
            if (maxH % component.H != 0 || maxV % component.V != 0)
            {
                throw new InvalidFileException(
                    name,
                    $"JPEG: fractional sampling: {component.H} x {component.V} beside {maxH} x {maxV} is not supported.");
            }
        }
    }

    private static int CeilingDivide(int value, int divisor) => (value + divisor - 1) / divisor;
}
