using System.Diagnostics;
using System.Globalization;
using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// WebP, AVIF, HEIC, BMP, JPEG 2000, QOI, PSD and PBM/PGM/PPM through an <c>ffmpeg</c> child process that turns the first
/// picture into PNG. Not bit-exact with Pillow where the format codes colour at reduced resolution.
/// </summary>
/// <remarks>
/// The file goes to the child's standard input and the child may open nothing else. It is killed when the time limit
/// passes or the caller cancels. Its output is a PNG that passes the same checks as any other.
/// </remarks>
public sealed class FfmpegDecoder : IImageDecoder
{
    private const int LongestComplaint = 2000;

    private readonly string _executable;
    private readonly TimeSpan _timeLimit;

    /// <summary>Makes a decoder that starts a process for each picture.</summary>
    /// <param name="executable">A path, or a name to look up on PATH.</param>
    /// <param name="timeLimit">Wall-clock limit per picture; 30 seconds if null.</param>
    public FfmpegDecoder(string executable = "ffmpeg", TimeSpan? timeLimit = null)
    {
        _executable = executable;
        _timeLimit = timeLimit ?? TimeSpan.FromSeconds(30);
    }

    /// <inheritdoc/>
    public string FormatName => "other format";

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> file) => FindFormat(file) is not null;

    /// <inheritdoc/>
    public Picture Decode(
        ReadOnlySpan<byte> file, string name, ImageLimits limits, CancellationToken cancellation = default)
    {
        var (format, demuxer) = FindFormat(file) ?? throw new InvalidFileException(name, "not a picture of a known format.");
        var png = Convert(file.ToArray(), format, demuxer, name, limits, cancellation).GetAwaiter().GetResult();
        return new PngDecoder().Decode(png, $"{name} ({format} through ffmpeg)", limits, cancellation);
    }

    /// <summary>
    /// The format that a file's first bytes announce and ffmpeg's demuxer for it, among those ffmpeg is trusted with;
    /// null for others. Naming the demuxer keeps ffmpeg from guessing any other of its hundreds.
    /// </summary>
    internal static (string Name, string Demuxer)? FindFormat(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12) return null;
        if (file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8)) return ("WebP", "webp_pipe");
        if (file[4..].StartsWith("ftypavif"u8) || file[4..].StartsWith("ftypavis"u8)) return ("AVIF", "mov");
        if (file[4..].StartsWith("ftyphei"u8) || file[4..].StartsWith("ftypmif1"u8)) return ("HEIC", "mov");
        if (file.StartsWith("BM"u8)) return ("BMP", "bmp_pipe");
        if (file[4..].StartsWith("jP  \r\n"u8)) return ("JPEG 2000", "j2k_pipe");
        if (file.StartsWith("qoif"u8)) return ("QOI", "qoi_pipe");
        if (file.StartsWith("8BPS"u8)) return ("PSD", "psd_pipe");
        if (file[0] != 'P' || file[2] > ' ') return null;
        return (char)file[1] switch
        {
            '1' or '4' => ("PBM", "pbm_pipe"),
            '2' or '5' => ("PGM", "pgm_pipe"),
            '3' or '6' => ("PPM", "ppm_pipe"),
            _ => null,
        };
    }

    private async Task<byte[]> Convert(
        byte[] file, string format, string demuxer, string name, ImageLimits limits, CancellationToken cancellation)
    {
        using var process = Start(format, demuxer, name, limits);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(_timeLimit);
        try
        {
            // PNG can be larger than its samples by a small constant per row; twice the samples is plenty.
            var outputLimit = Math.Min(int.MaxValue, 16 * limits.MaxPixels + 65536);
            var output = ReadUpTo(process.StandardOutput.BaseStream, outputLimit, name, format, limited.Token);
            var complaint = ReadComplaint(process.StandardError, limited.Token);
            await Feed(process.StandardInput.BaseStream, file, limited.Token).ConfigureAwait(false);
            var png = await output.ConfigureAwait(false);
            await process.WaitForExitAsync(limited.Token).ConfigureAwait(false);
            if (process.ExitCode == 0 && png.Length > 0) return png;
            throw new InvalidFileException(
                name,
                $"{format}: ffmpeg could not decode it (exit code {process.ExitCode}): "
                + (await complaint.ConfigureAwait(false)).Trim());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new InvalidFileException(
                name, $"{format}: ffmpeg did not finish within {_timeLimit.TotalSeconds:0.#} s; it was ended.");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private Process Start(string format, string demuxer, string name, ImageLimits limits)
    {
        var info = new ProcessStartInfo(_executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };

        // "cache:" keeps what was read, for the one demuxer that jumps back in its input.
        var input = demuxer == "mov" ? "cache:pipe:0" : "pipe:0";
        string[] arguments =
        [
            "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "cache,pipe",
            "-max_pixels", Math.Min(limits.MaxPixels, int.MaxValue).ToString(CultureInfo.InvariantCulture),
            "-f", demuxer, "-i", input, "-frames:v", "1",
            "-sws_flags", "accurate_rnd+full_chroma_int+full_chroma_inp", "-c:v", "png", "-f", "image2pipe", "pipe:1",
        ];
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        try
        {
            return Process.Start(info)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidFileException(
                name,
                $"{format} pictures need ffmpeg, and '{_executable}' could not be started. "
                + "Install ffmpeg so that it is on PATH, or convert the picture to PNG, JPEG or GIF.",
                inner: missing);
        }
    }

    private static async Task Feed(Stream input, byte[] file, CancellationToken cancellation)
    {
        try
        {
            await using (input.ConfigureAwait(false))
            {
                await input.WriteAsync(file, cancellation).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // The child closed its input, having read enough or failed; its exit code tells which.
        }
    }

    private static async Task<byte[]> ReadUpTo(
        Stream output, long limit, string name, string format, CancellationToken cancellation)
    {
        using var collected = new MemoryStream();
        var buffer = new byte[65536];
        while (true)
        {
            var count = await output.ReadAsync(buffer, cancellation).ConfigureAwait(false);
            if (count == 0) return collected.ToArray();
            if (collected.Length + count > limit)
            {
                throw new InvalidFileException(name, $"{format}: ffmpeg delivered more than {limit} bytes.");
            }

            collected.Write(buffer, 0, count);
        }
    }

    /// <summary>Drains standard error, keeping the beginning.</summary>
    private static async Task<string> ReadComplaint(StreamReader error, CancellationToken cancellation)
    {
        var kept = new StringBuilder();
        var buffer = new char[1024];
        while (true)
        {
            var count = await error.ReadAsync(buffer, cancellation).ConfigureAwait(false);
            if (count == 0) return kept.ToString();
            kept.Append(buffer, 0, Math.Min(count, LongestComplaint - kept.Length));
        }
    }
}
