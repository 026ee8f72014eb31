namespace FlamingoGpu.Bench;

/// <summary>Repeats of one measurement. The median is what is quoted; the range says how steady the machine was.</summary>
public sealed class Samples
{
    private readonly double[] _sorted;

    /// <summary>Takes the repeats in any order; at least one.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Samples(IEnumerable<double> values)
    {
        _sorted = [.. values.Order()];
        if (_sorted.Length == 0) throw new ArgumentException("a measurement needs at least one repeat.", nameof(values));
    }

    /// <summary>Middle value; the mean of the two middle ones for an even count.</summary>
    public double Median => (_sorted[(_sorted.Length - 1) / 2] + _sorted[_sorted.Length / 2]) / 2;

    /// <summary>Smallest value.</summary>
    public double Minimum => _sorted[0];

    /// <summary>Largest value.</summary>
    public double Maximum => _sorted[^1];

    /// <summary>Number of repeats.</summary>
    public int Count => _sorted.Length;

    /// <summary>The same repeats in another unit.</summary>
    public Samples Select(Func<double, double> convert) => new(_sorted.Select(convert));
}
