namespace FlamingoGpu.Formats.Images;

/// <summary>
/// The 8 × 8 inverse cosine transform in the integer arithmetic of libjpeg's accurate method ("islow"): the
/// factorisation of Loeffler, Ligtenberg and Moschytz (1989) with 13-bit constants, columns first with two extra bits
/// kept, then rows. Every rounding step is that of the reference, so results are equal bit for bit.
/// </summary>
/// <remarks>
/// Coefficients no encoder writes overflow in libjpeg-turbo's vector code, which keeps 16 bits between the multiply-adds
/// where the C code keeps 32; Pillow runs the vector code, so its 16-bit wraps and saturations are kept too.
/// </remarks>
internal static class JpegInverseDct
{
    private const int ConstantBits = 13;
    private const int ExtraBits = 2;

    // round(c × 2^13) of the rotation constants; the names are the values.
    private const int C0298631336 = 2446;
    private const int C0390180644 = 3196;
    private const int C0541196100 = 4433;
    private const int C0765366865 = 6270;
    private const int C0899976223 = 7373;
    private const int C1175875602 = 9633;
    private const int C1501321110 = 12299;
    private const int C1847759065 = 15137;
    private const int C1961570560 = 16069;
    private const int C2053119869 = 16819;
    private const int C2562915447 = 20995;
    private const int C3072711026 = 25172;

    /// <summary>A block of which only the first coefficient, already dequantised, is not zero.</summary>
    public static void TransformFlat(int dc, Span<byte> target, int stride)
    {
        var sample = ToSample(Descale((short)((short)dc << ExtraBits), ExtraBits + 3));
        for (var row = 0; row < 8; row++) target.Slice(row * stride, 8).Fill(sample);
    }

    /// <summary>Dequantises and transforms one block.</summary>
    /// <param name="block">64 coefficients, natural order.</param>
    /// <param name="quantization">64 factors, natural order.</param>
    /// <param name="target">First sample of the block in its plane.</param>
    /// <param name="stride">Samples from one row of the plane to the next.</param>
    public static void Transform(
        ReadOnlySpan<short> block, ReadOnlySpan<int> quantization, Span<byte> target, int stride)
    {
        Span<int> columns = stackalloc int[64];
        block = block[..64];
        quantization = quantization[..64];
        for (var x = 0; x < 8; x++)
        {
            var dc = (short)(block[x] * quantization[x]);
            if (block[x + 8] == 0 && block[x + 16] == 0 && block[x + 24] == 0 && block[x + 32] == 0
                && block[x + 40] == 0 && block[x + 48] == 0 && block[x + 56] == 0)
            {
                var flat = Saturate(dc << ExtraBits);
                for (var y = 0; y < 64; y += 8) columns[x + y] = flat;
                continue;
            }

            var line = new Line(
                dc,
                (short)(block[x + 8] * quantization[x + 8]),
                (short)(block[x + 16] * quantization[x + 16]),
                (short)(block[x + 24] * quantization[x + 24]),
                (short)(block[x + 32] * quantization[x + 32]),
                (short)(block[x + 40] * quantization[x + 40]),
                (short)(block[x + 48] * quantization[x + 48]),
                (short)(block[x + 56] * quantization[x + 56]));
            const int Shift = ConstantBits - ExtraBits;
            columns[x] = Saturate(Descale(line.Even0 + line.Odd0, Shift));
            columns[x + 8] = Saturate(Descale(line.Even1 + line.Odd1, Shift));
            columns[x + 16] = Saturate(Descale(line.Even2 + line.Odd2, Shift));
            columns[x + 24] = Saturate(Descale(line.Even3 + line.Odd3, Shift));
            columns[x + 32] = Saturate(Descale(line.Even3 - line.Odd3, Shift));
            columns[x + 40] = Saturate(Descale(line.Even2 - line.Odd2, Shift));
            columns[x + 48] = Saturate(Descale(line.Even1 - line.Odd1, Shift));
            columns[x + 56] = Saturate(Descale(line.Even0 - line.Odd0, Shift));
        }

        for (var y = 0; y < 8; y++)
        {
            var row = columns.Slice(8 * y, 8);
            var line = new Line(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]);
            const int Shift = ConstantBits + ExtraBits + 3;
            var samples = target.Slice(y * stride, 8);
            samples[0] = ToSample(Descale(line.Even0 + line.Odd0, Shift));
            samples[1] = ToSample(Descale(line.Even1 + line.Odd1, Shift));
            samples[2] = ToSample(Descale(line.Even2 + line.Odd2, Shift));
            samples[3] = ToSample(Descale(line.Even3 + line.Odd3, Shift));
            samples[4] = ToSample(Descale(line.Even3 - line.Odd3, Shift));
            samples[5] = ToSample(Descale(line.Even2 - line.Odd2, Shift));
            samples[6] = ToSample(Descale(line.Even1 - line.Odd1, Shift));
            samples[7] = ToSample(Descale(line.Even0 - line.Odd0, Shift));
        }
    }

    private static int Descale(int value, int shift) => (value + (1 << (shift - 1))) >> shift;

    private static int Saturate(int value) => Math.Clamp(value, short.MinValue, short.MaxValue);

    private static byte ToSample(int value) => (byte)Math.Clamp(value + 128, 0, 255);

    /// <summary>One-dimensional transform of eight values, before the last butterfly: output i is Even(i) ± Odd(i).</summary>
    private readonly ref struct Line
    {
        public readonly int Even0;
        public readonly int Even1;
        public readonly int Even2;
        public readonly int Even3;
        public readonly int Odd0;
        public readonly int Odd1;
        public readonly int Odd2;
        public readonly int Odd3;

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public Line(int in0, int in1, int in2, int in3, int in4, int in5, int in6, int in7)
        {
            var rotated = (in2 + in6) * C0541196100;
            var low = rotated - in6 * C1847759065;
            var high = rotated + in2 * C0765366865;
            var sum = (short)(in0 + in4) << ConstantBits;
            var difference = (short)(in0 - in4) << ConstantBits;
            Even0 = sum + high;
            Even3 = sum - high;
            Even1 = difference + low;
            Even2 = difference - low;

            int sum73 = (short)(in7 + in3), sum51 = (short)(in5 + in1);
            var common = (sum73 + sum51) * C1175875602;
            var a = common - sum73 * C1961570560;
            var b = common - sum51 * C0390180644;
            var c = (in7 + in1) * -C0899976223;
            var d = (in5 + in3) * -C2562915447;
            Odd3 = in7 * C0298631336 + c + a;
            Odd2 = in5 * C2053119869 + d + b;
            Odd1 = in3 * C3072711026 + d + a;
            Odd0 = in1 * C1501321110 + c + b;
        }
    }
}
