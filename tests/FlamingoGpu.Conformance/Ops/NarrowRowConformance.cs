using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>
/// The row ops with activations in 16 bits: inputs are widened exactly, results rounded once, so each bound is that of
/// the f32 op and one rounding of the result.
/// </summary>
public abstract class NarrowRowConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    public static TheoryData<DType, DType> Types => new()
    {
        { DType.F32, DType.BF16 },
        { DType.F32, DType.F16 },
        { DType.BF16, DType.F32 },
        { DType.F16, DType.F32 },
        { DType.BF16, DType.BF16 },
        { DType.F16, DType.F16 },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Activate_NarrowTypes_RoundsOnce(DType input, DType output)
    {
        foreach (var (columns, gap, offset) in Layouts)
        {
            foreach (var function in new[] { Activation.None, Activation.GeluErf })
            {
                var op = new Activate(function) { OutputType = output };
                var x = HostTensor.Uniform(1, [5, columns], 3, dtype: input);
                var expected = new Expectation(x.Shape);
                for (var i = 0; i < x.Values.Length; i++)
                {
                    var (value, bound) = Reference.Activate(function, x.Values[i], 0);
                    expected.Set(i, value, bound);
                }

                expected.StoredAs(output).Check(Run(op, Place(x, gap, offset * Size(input))),
                    $"{op} of {input} {columns}");
                if (input == output) expected.Check(RunInPlace(op, Place(x)), $"{op} of {input} in place");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Norms_NarrowTypes_RoundOnce(DType input, DType output)
    {
        foreach (var (columns, gap, offset) in Layouts)
        {
            var x = HostTensor.Uniform(1, [11, columns], 2, center: 1, dtype: input);
            var (weight, bias) = (HostTensor.Uniform(2, [columns]), HostTensor.Uniform(3, [columns]));
            var layer = new LayerNorm(1e-5f, Bias: true) { OutputType = output };
            NormReference.LayerNorm(layer, x, weight, bias).StoredAs(output).Check(
                Run(layer, Place(x, gap, offset * Size(input)), Place(weight), Place(bias)), $"{layer} {columns}");
            var rms = new RmsNorm(1e-5f) { OutputType = output };
            NormReference.RmsNorm(rms, x, weight).StoredAs(output).Check(
                Run(rms, Place(x, gap, offset * Size(input)), Place(weight)), $"{rms} {columns}");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Rotary_NarrowTypes_RoundsOnce(DType input, DType output)
    {
        foreach (var (dim, dims, gap) in new[] { (80, 80, 480), (64, 64, 1), (128, 32, 256), (7, 6, 3) })
        {
            var op = new Rotary(2, dim, dims, 10000f) { OutputType = output };
            var x = HostTensor.Uniform(1, [2, 3, 2 * dim], dtype: input);
            int[] positions = [0, 1, 2, 700, 701, 2047];
            RotaryReference.Expect(op, x, positions).StoredAs(output).Check(
                Run(op, Place(x, gap), Place(HostTensor.Integers([2, 3], positions))), $"{op} of {input}");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void MovingOps_NarrowTypes_RoundOnce(DType input, DType output)
    {
        foreach (var (columns, gap, offset) in Layouts)
        {
            var x = HostTensor.Uniform(1, [2, 5, columns], dtype: input);
            var place = Place(x, gap, offset * Size(input));
            int[] rows = [9, 0, 4];
            Moved(new SliceTokens(1, 3) { OutputType = output }, i =>
                (i / columns / 3 * 5 + 1 + i / columns % 3, i % columns), place);
            if (input == DType.F32)
            {
                var table = HostTensor.Uniform(2, [3, columns]);
                Moved(new SelectRows { OutputType = output }, i => (rows[i / columns], i % columns), place,
                    Place(HostTensor.Integers([3], rows)));
                Moved(new RepeatRows(2) { OutputType = output }, i => (i / columns % 10, i % columns),
                    place with { Shape = [10, columns] });
                Computed(
                    new AddRows(2) { OutputType = output },
                    i => (float)x.Values[i] + (float)table.Values[i / columns / 2 % 3 * columns + i % columns], place,
                        Place(table));
            }

            Moved(
                new Embedding { OutputType = output }, i => (rows[i / columns], i % columns),
                Place(HostTensor.Integers([3], rows)), place with { Shape = [10, columns] });
            var (classToken, positions) = (HostTensor.Uniform(3, [columns]), HostTensor.Uniform(4, [6, columns]));
            Computed(
                new AssembleTokens { OutputType = output },
                i =>
                {
                    var (image, token, column) = (i / columns / 6, i / columns % 6, i % columns);
                    var source = token == 0 ? classToken.Values[column]
                        : x.Values[(image * 5 + token - 1) * columns + column];
                    return (float)source + (float)positions.Values[token * columns + column];
                },
                place, Place(classToken), Place(positions));

            void Moved(Op op, Func<int, (int Row, int Column)> source, params BoundTensor[] inputs) =>
                Computed(op, i => x.Values[source(i).Row * columns + source(i).Column], inputs);
        }
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void ExtractPatches_NarrowOutput_RoundsOnce(DType output)
    {
        foreach (var (size, width) in new[] { (14, 42), (4, 16), (8, 17), (3, 10) })
        {
            var x = HostTensor.Uniform(1, [2, 3, 2 * size, width]);
            var across = width / size;
            Computed(
                new ExtractPatches(size) { OutputType = output },
                i =>
                {
                    var (patch, element) = (i / (3 * size * size), i % (3 * size * size));
                    var (channel, row, column) = (element / size / size, element / size % size, element % size);
                    var (image, down) = (patch / across / 2, patch / across % 2);
                    return x.Values[((image * 3 + channel) * 2 * size + down * size + row) * width
                        + patch % across * size + column];
                },
                Place(x));
        }
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void LogSoftmax_NarrowOutput_RoundsOnce(DType output)
    {
        foreach (var columns in new[] { 1, 443, 2048 })
        {
            var x = HostTensor.Uniform(1, [3, columns], 5);
            LogSoftmaxReference.Expect(x).StoredAs(output)
                .Check(Run(new LogSoftmax { OutputType = output }, Place(x)), $"log softmax {columns}");
        }
    }

    /// <summary>Columns, gap between rows and elements before the first: aligned for vectors, then broken each
    /// way.</summary>
    private static (int Columns, int Gap, int Offset)[] Layouts =>
        [(64, 0, 0), (64, 64, 0), (64, 4, 4), (64, 3, 0), (64, 0, 1), (37, 0, 0), (1, 2, 0), (1056, 0, 0),
            (2056, 8, 0)];

    private static int Size(DType type) => (int)type.ByteSize(1);

    private void Computed(Op op, Func<int, double> value, params BoundTensor[] inputs)
    {
        var shape = op.Infer(Array.ConvertAll(inputs, input => input.Type)).Shape;
        var expected = new Expectation(shape);
        for (var i = 0; i < expected.Values.Length; i++) expected.Set(i, value(i), 0);
        expected.StoredAs(op.OutputType).Check(Run(op, inputs), $"{op} of {inputs[0].Type}");
    }
}
