namespace FlamingoGpu.Core;

/// <summary>A weight or an activation is NaN or infinite. The executable ends with exit code 1.</summary>
public sealed class NonFiniteException : FlamingoException
{
    /// <summary>Makes the error.</summary>
    /// <param name="where">The tensor or layer that holds the value, such as <c>hidden.3</c>.</param>
    /// <param name="index">Position of the first non-finite element in row-major order.</param>
    /// <param name="value">The value found.</param>
    public NonFiniteException(string where, long index, float value)
        : base($"{where}: element {index} is {value}; every weight and activation must be finite. "
            + "The checkpoint is damaged, or a value left the range of its dtype.")
    {
        Where = where;
        Index = index;
    }

    /// <summary>The tensor or layer.</summary>
    public string Where { get; }

    /// <summary>Row-major position of the first offending element.</summary>
    public long Index { get; }
}
