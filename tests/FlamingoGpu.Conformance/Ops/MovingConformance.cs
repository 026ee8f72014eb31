using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>The ops that only move or add: exact, or one rounding.</summary>
public abstract class MovingConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void Embedding_AnyIds_WidensTheirRows(DType dtype)
    {
        foreach (var (rows, columns) in new[] { (1, 1), (443, 127), (3, 2048) })
        {
            var table = HostTensor.Uniform(1, [rows, columns], dtype: dtype);
            int[] ids = [0, rows - 1, rows / 2, 0, rows / 3, rows - 1];
            var actual = Run(new Embedding(), Place(HostTensor.Integers([2, 3], ids)), Place(table, byteOffset: Target.TakesAnyAddress ? 1 : 0));
            Exact([2, 3, columns], actual, i => table.Values[ids[i / columns] * columns + i % columns]);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Embedding_IdOutsideTheTable_IsRefused(int id) => RequireRefused(
        new Embedding(), Place(HostTensor.Integers([1], id)), Place(HostTensor.Uniform(1, [3, 5])));

    [Theory]
    [InlineData(2, 3, 7, 2)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(4, 5, 127, 3)]
    [InlineData(0, 5, 8, 1)]
    public void AddRows_RunsOfRows_GetTheirTableRow(int batch, int rows, int columns, int repeat)
    {
        var x = HostTensor.Uniform(1, [batch, rows, columns]);
        var table = HostTensor.Uniform(2, [3, columns]);
        var actual = Run(new AddRows(repeat), Place(x, 3), Place(table));
        float Sum(int i) => (float)x.Values[i] + (float)table.Values[i / columns / repeat % 3 * columns + i % columns];
        Exact(x.Shape, actual, i => Sum(i));
        Exact(x.Shape, RunInPlace(new AddRows(repeat), Place(x), Place(table)), i => Sum(i));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 7, 127)]
    [InlineData(0, 4, 16)]
    public void AssembleTokens_Images_StartWithTheClassToken(int images, int patches, int columns)
    {
        var x = HostTensor.Uniform(1, [images, patches, columns]);
        var classToken = HostTensor.Uniform(2, [columns]);
        var positions = HostTensor.Uniform(3, [patches + 1, columns]);
        var actual = Run(new AssembleTokens(), Place(x, 5), Place(classToken), Place(positions));
        Exact([images, patches + 1, columns], actual, i =>
        {
            var (token, column) = (i / columns % (patches + 1), i % columns);
            var image = i / columns / (patches + 1);
            var source = token == 0 ? classToken.Values[column] : x.Values[(image * patches + token - 1) * columns + column];
            return (float)source + (float)positions.Values[token * columns + column];
        });
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(2, 3, 28, 42, 14)]
    [InlineData(1, 3, 17, 23, 5)]
    [InlineData(0, 3, 8, 8, 4)]
    public void ExtractPatches_Pictures_AreCutInChannelRowColumnOrder(int images, int channels, int height, int width, int size)
    {
        var x = HostTensor.Uniform(1, [images, channels, height, width]);
        var actual = Run(new ExtractPatches(size), Place(x));
        var (down, across) = (height / size, width / size);
        var length = channels * size * size;
        Exact([images, down * across, length], actual, i =>
        {
            var (patch, element) = (i / length % (down * across), i % length);
            var (channel, row, column) = (element / size / size, element / size % size, element % size);
            var image = i / length / (down * across);
            return x.Values[((image * channels + channel) * height + patch / across * size + row) * width + patch % across * size + column];
        });
    }

    [Theory]
    [InlineData(0, 3, 7)]
    [InlineData(1, 1, 1)]
    [InlineData(5, 64, 127)]
    public void RepeatRows_Table_IsCopiedPerEntry(int count, int rows, int columns)
    {
        var table = HostTensor.Uniform(1, [rows, columns]);
        Exact([count, rows, columns], Run(new RepeatRows(count), Place(table)), i => table.Values[i % (rows * columns)]);
    }

    [Fact]
    public void SelectRows_AnyRows_AreGathered()
    {
        var x = HostTensor.Uniform(1, [2, 7, 127]);
        int[] rows = [13, 0, 6, 6, 7];
        Exact([5, 127], Run(new SelectRows(), Place(x, 4), Place(HostTensor.Integers([5], rows))), i => x.Values[rows[i / 127] * 127 + i % 127]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(14)]
    public void SelectRows_RowOutside_IsRefused(int row) => RequireRefused(
        new SelectRows(), Place(HostTensor.Uniform(1, [2, 7, 5])), Place(HostTensor.Integers([1], row)));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 6)]
    [InlineData(6, 1)]
    [InlineData(2, 3)]
    public void SliceTokens_AnyRange_IsKept(int start, int count)
    {
        var x = HostTensor.Uniform(1, [3, 7, 127]);
        var actual = Run(new SliceTokens(start, count), Place(x, 9));
        Exact([3, count, 127], actual, i => x.Values[(i / 127 / count * 7 + start + i / 127 % count) * 127 + i % 127]);
    }

    private static void Exact(Shape shape, float[] actual, Func<int, double> expected)
    {
        var expectation = new Expectation(shape);
        for (var i = 0; i < actual.Length; i++) expectation.Set(i, expected(i), 0);
        expectation.Check(actual, "exact");
    }
}
