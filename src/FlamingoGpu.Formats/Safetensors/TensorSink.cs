using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// The stream a tensor writes itself to: forwards to the file, counts, refuses more than was promised, reports progress
/// and notices cancellation.
/// </summary>
internal sealed class TensorSink(Stream file, IProgress<long>? progress, CancellationToken cancellation) : Stream
{
    private const long ReportEveryBytes = 16 * 1024 * 1024;

    private TensorToWrite? _tensor;
    private long _left;
    private long _total;
    private long _reported;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Lets one tensor write its bytes and checks that it wrote all of them.</summary>
    public void Take(TensorToWrite tensor, long byteLength)
    {
        cancellation.ThrowIfCancellationRequested();
        (_tensor, _left) = (tensor, byteLength);
        tensor.WriteData(this);
        if (_left == 0) return;
        throw new InvalidRequestException(
            $"tensor '{tensor.Name}': {tensor.DType} {tensor.Shape} takes {byteLength} bytes, "
            + $"{byteLength - _left} were given.");
    }

    /// <summary>Reports the final count.</summary>
    public void Complete() => progress?.Report(_total);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        if (buffer.Length > _left)
        {
            throw new InvalidRequestException(
                $"tensor '{_tensor?.Name}': {buffer.Length - _left} bytes more were given than its shape takes.");
        }
        file.Write(buffer);
        _left -= buffer.Length;
        _total += buffer.Length;
        if (_total - _reported < ReportEveryBytes) return;
        _reported = _total;
        progress?.Report(_total);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
