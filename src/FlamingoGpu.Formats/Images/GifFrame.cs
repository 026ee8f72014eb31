namespace FlamingoGpu.Formats.Images;

/// <summary>The rectangle of a GIF canvas that one frame fills, row after row in the frame's order.</summary>
internal sealed class GifFrame
{
    private static readonly (int First, int Step)[] InterlacedPasses = [(0, 8), (4, 8), (2, 4), (1, 2)];
    private static readonly (int First, int Step)[] SinglePass = [(0, 1)];

    private readonly byte[] _canvas;
    private readonly int _canvasWidth;
    private readonly int _left;
    private readonly int _top;
    private readonly int _width;
    private readonly int _height;
    private readonly (int First, int Step)[] _passes;
    private int _pass;
    private int _row;
    private int _column;

    public GifFrame(byte[] canvas, int canvasWidth, int left, int top, int width, int height, bool interlaced)
    {
        _canvas = canvas;
        _canvasWidth = canvasWidth;
        _left = left;
        _top = top;
        _width = width;
        _height = height;
        _passes = interlaced ? InterlacedPasses : SinglePass;
    }

    /// <summary>True when every pixel of the frame has been written.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Writes the next pixels; what exceeds the frame is dropped.</summary>
    public void Write(ReadOnlySpan<byte> indices)
    {
        while (!indices.IsEmpty && !IsFull)
        {
            var count = Math.Min(indices.Length, _width - _column);
            var start = (_top + _row) * _canvasWidth + _left + _column;
            indices[..count].CopyTo(_canvas.AsSpan(start));
            indices = indices[count..];
            _column += count;
            if (_column == _width) NextRow();
        }
    }

    private void NextRow()
    {
        _column = 0;
        _row += _passes[_pass].Step;
        while (_row >= _height)
        {
            if (++_pass == _passes.Length)
            {
                IsFull = true;
                return;
            }

            _row = _passes[_pass].First;
        }
    }
}
