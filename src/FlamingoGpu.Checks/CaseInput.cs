using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Checks;

/// <summary>One operand of an <see cref="OpCase"/>: its type, how its rows lie in memory and what it holds.</summary>
/// <param name="Type">Element type and shape.</param>
public sealed record CaseInput(TensorType Type)
{
    /// <summary>Elements between the end of a row and the start of the next, as in a column slice.</summary>
    public int Gap { get; init; }

    /// <summary>Values are uniform in <see cref="Center"/> ± this.</summary>
    public double Range { get; init; } = 1;

    /// <summary>Middle of the values.</summary>
    public double Center { get; init; }

    /// <summary>The values of an i32 tensor; null for floats.</summary>
    public IReadOnlyList<int>? Integers { get; init; }

    /// <summary>Uniform floats.</summary>
    public static CaseInput Of(DType type, Shape shape, double range = 1, int gap = 0) =>
        new(new TensorType(type, shape)) { Range = range, Gap = gap };

    /// <summary>Given integers.</summary>
    public static CaseInput Of(Shape shape, params int[] values) => new(TensorType.I32(shape)) { Integers = values };

    /// <summary>The elements, rounded to the type: the same for the same seed on every machine.</summary>
    public double[] Fill(int seed)
    {
        if (Integers is { } integers) return [.. integers];
        var random = new Random(seed);
        var values = new double[Type.Shape.ElementCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = Elements.Round(Center + Range * (2 * random.NextDouble() - 1), Type.DType);
        return values;
    }
}
