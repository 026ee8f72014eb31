namespace FlamingoGpu.Models.Preprocessing;

/// <summary>
/// The taps of Pillow's antialiased bicubic filter (a = −0.5) along one axis, for a range of output positions. The
/// filter is widened by the scale when it shrinks; at the edges the taps inside the picture are scaled to sum 1.
/// </summary>
/// <remarks>Same operations in the same order and precision (double) as Pillow's, so the weights are equal.</remarks>
internal sealed class BicubicWeights
{
    /// <summary>Fractional bits of the integer weights: 32 less 8 for the sample and 2 for overshoot.</summary>
    public const int FractionBits = 22;

    private const double A = -0.5;
    private const double Support = 2.0;

    private readonly int _taps;
    private readonly int[] _length;
    private readonly double[] _exact;
    private readonly int[] _fixed;

    /// <param name="sourceSize">Samples along the axis.</param>
    /// <param name="targetSize">Output positions of the whole resized axis.</param>
    /// <param name="first">First output position wanted.</param>
    /// <param name="count">How many are wanted.</param>
    public BicubicWeights(int sourceSize, int targetSize, int first, int count)
    {
        // Pillow passes the source size as a float.
        var scale = (double)(float)sourceSize / targetSize;
        var filterScale = Math.Max(scale, 1.0);
        var support = Support * filterScale;
        _taps = Math.Min((int)Math.Ceiling(support) * 2 + 1, sourceSize);
        Start = new int[count];
        _length = new int[count];
        _exact = new double[checked(count * _taps)];
        _fixed = new int[_exact.Length];
        for (var i = 0; i < count; i++)
        {
            var center = (first + i + 0.5) * scale;
            var start = Math.Max((int)(center - support + 0.5), 0);
            var end = Math.Min((int)(center + support + 0.5), sourceSize);
            Start[i] = start;
            _length[i] = end - start;
            Fill(_exact.AsSpan(i * _taps, end - start), start - center + 0.5, 1.0 / filterScale);
        }

        for (var i = 0; i < _exact.Length; i++)
        {
            var scaled = _exact[i] * (1 << FractionBits);
            _fixed[i] = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        }
    }

    /// <summary>First source sample of each output position; never falls from one position to the next.</summary>
    public int[] Start { get; }

    /// <summary>One past the last source sample of an output position.</summary>
    public int End(int position) => Start[position] + _length[position];

    /// <summary>The weights of an output position times 2^22, rounded half away from zero; from its start on.</summary>
    public ReadOnlySpan<int> FixedOf(int position) => _fixed.AsSpan(position * _taps, _length[position]);

    /// <summary>The weight of source sample <paramref name="at"/> times 2^22.</summary>
    public int FixedAt(int position, int at) => _fixed[position * _taps + at - Start[position]];

    /// <summary>The weight of source sample <paramref name="at"/> in double precision.</summary>
    public double ExactAt(int position, int at) => _exact[position * _taps + at - Start[position]];

    private static void Fill(Span<double> weights, double firstOffset, double inverseScale)
    {
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = Filter((i + firstOffset) * inverseScale);
            sum += weights[i];
        }

        if (sum == 0) return;
        foreach (ref var weight in weights) weight /= sum;
    }

    private static double Filter(double x)
    {
        x = Math.Abs(x);
        if (x < 1.0) return ((A + 2.0) * x - (A + 3.0)) * x * x + 1;
        return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * A : 0.0;
    }
}
