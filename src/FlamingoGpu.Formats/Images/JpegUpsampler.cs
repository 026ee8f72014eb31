namespace FlamingoGpu.Formats.Images;

/// <summary>
/// Brings one component to the picture's resolution, a row at a time, with libjpeg-turbo's choices: halved width or
/// height (or both) by the triangle filter, every other ratio, and components at most two samples wide whose width is
/// halved, by repetition.
/// </summary>
internal sealed class JpegUpsampler
{
    private readonly JpegComponent _component;
    private readonly int _repeatX;
    private readonly int _repeatY;
    private readonly bool _triangle;
    private readonly byte[] _row;
    private readonly int[] _sums;

    public JpegUpsampler(JpegFrame frame, JpegComponent component)
    {
        _component = component;
        _repeatX = frame.MaxH / component.H;
        _repeatY = frame.MaxV / component.V;
        _triangle = (_repeatX, _repeatY) switch
        {
            (2, 1) or (2, 2) => component.SampledWidth > 2,
            (1, 2) => true,
            _ => false,
        };
        _row = new byte[component.SampledWidth * _repeatX];
        _sums = _triangle && _repeatY == 2 ? new int[component.SampledWidth] : [];
    }

    /// <summary>Row <paramref name="y"/> of the picture, at least the picture's width; valid until the next call.</summary>
    public ReadOnlySpan<byte> Row(int y)
    {
        var source = Samples(y / _repeatY);
        if (_repeatX == 1 && !_triangle) return source;
        if (!_triangle) Repeat(source);
        else if (_repeatY == 1) WidenTriangle(source);
        else if (_repeatX == 1) HeightenTriangle(y);
        else EnlargeTriangle(y);
        return _row;
    }

    private ReadOnlySpan<byte> Samples(int row) =>
        _component.Plane.AsSpan(row * _component.Stride, _component.SampledWidth);

    /// <summary>The row next nearest to picture row <paramref name="y"/>; edge rows stand in for missing ones.</summary>
    private ReadOnlySpan<byte> Neighbour(int y)
    {
        var row = y / 2 + (y % 2 == 0 ? -1 : 1);
        return Samples(Math.Clamp(row, 0, _component.SampledHeight - 1));
    }

    private void Repeat(ReadOnlySpan<byte> source)
    {
        for (var x = 0; x < source.Length; x++) _row.AsSpan(x * _repeatX, _repeatX).Fill(source[x]);
    }

    /// <summary>Each sample gives two: three parts itself, one part the neighbour on that side, rounding alternately.</summary>
    private void WidenTriangle(ReadOnlySpan<byte> source)
    {
        var row = _row.AsSpan(0, 2 * source.Length);
        var last = source.Length - 1;
        row[0] = source[0];
        row[1] = (byte)((3 * source[0] + source[1] + 2) >> 2);
        for (var x = 1; x < last; x++)
        {
            row[2 * x] = (byte)((3 * source[x] + source[x - 1] + 1) >> 2);
            row[2 * x + 1] = (byte)((3 * source[x] + source[x + 1] + 2) >> 2);
        }

        row[2 * last] = (byte)((3 * source[last] + source[last - 1] + 1) >> 2);
        row[2 * last + 1] = source[last];
    }

    private void HeightenTriangle(int y)
    {
        var near = Samples(y / 2);
        var far = Neighbour(y);
        var bias = 1 + y % 2;
        for (var x = 0; x < near.Length; x++) _row[x] = (byte)((3 * near[x] + far[x] + bias) >> 2);
    }

    private void EnlargeTriangle(int y)
    {
        var near = Samples(y / 2);
        var far = Neighbour(y);
        var sums = _sums.AsSpan(0, near.Length);
        for (var x = 0; x < sums.Length; x++) sums[x] = 3 * near[x] + far[x];

        var row = _row.AsSpan(0, 2 * sums.Length);
        var last = sums.Length - 1;
        row[0] = (byte)((4 * sums[0] + 8) >> 4);
        row[1] = (byte)((3 * sums[0] + sums[1] + 7) >> 4);
        for (var x = 1; x < last; x++)
        {
            row[2 * x] = (byte)((3 * sums[x] + sums[x - 1] + 8) >> 4);
            row[2 * x + 1] = (byte)((3 * sums[x] + sums[x + 1] + 7) >> 4);
        }

        row[2 * last] = (byte)((3 * sums[last] + sums[last - 1] + 8) >> 4);
        row[2 * last + 1] = (byte)((4 * sums[last] + 7) >> 4);
    }
}
