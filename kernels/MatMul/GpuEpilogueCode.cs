using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>A <see cref="GpuEpilogue"/> while a kernel is staged: its parameters, and the code behind a sum.</summary>
internal sealed class GpuEpilogueCode
{
    private readonly GpuEpilogue _epilogue;
    private readonly S32 _columns;
    private readonly FloatPtr _bias;
    private readonly F32? _gate;
    private readonly (FloatPtr Start, S64 Pitch) _factor;
    private readonly (FloatPtr Start, S64 Pitch) _residual;
    private FloatPtr _y;

    /// <summary>Declares the parameters, in the order of <see cref="GpuEpilogue.Arguments"/>.</summary>
    /// <param name="k">The kernel.</param>
    /// <param name="epilogue">What to do.</param>
    /// <param name="columns">N: columns of y.</param>
    public GpuEpilogueCode(KernelBuilder k, GpuEpilogue epilogue, S32 columns)
    {
        (_epilogue, _columns) = (epilogue, columns);
        if (epilogue.Parts.Bias) _bias = k.InputFloats("bias", DType.F32, Alignment(DType.F32));
        if (epilogue.Parts.Gate) _gate = Tanh(k.Input<F32>("gate", 4)[0]);
        if (epilogue.Parts.Multiply) _factor = Rows(k, "factor", epilogue.Factor);
        if (epilogue.Parts.Residual) _residual = Rows(k, "residual", DType.F32);
        _y = k.OutputFloats("y", epilogue.Out, Alignment(epilogue.Out));
    }

    /// <summary>Moves y by some elements: the place of this block's part of a product.</summary>
    public void Shift(S64 elements) => _y += elements;

    /// <summary>
    /// Finishes the sums of neighbouring columns of one row and stores them. The row exists; columns beyond the last
    /// are left out. For vectors both the first column and the number of sums are multiples of the vector.
    /// </summary>
    public void Store(S32 row, S32 column, ReadOnlySpan<F32> sums)
    {
        var width = _epilogue.Width;
        for (var i = 0; i < sums.Length; i += width)
        {
            var values = sums.Slice(i, width).ToArray();
            If(column + i < _columns, () => Finish(row, column + i, values));
        }
    }

    /// <summary>
    /// Loads now what <see cref="Finish"/> needs for one element, so that it is there when the sum is.
    /// </summary>
    /// <param name="isThere">Where the element exists.</param>
    /// <param name="row">Its row.</param>
    /// <param name="column">Its column.</param>
    public Loaded LoadAhead(Pred isThere, S32 row, S32 column)
    {
        F32[]? Element(bool isWanted, Func<FloatPtr> from)
        {
            if (!isWanted) return null;
            var value = Var(0f);
            When(isThere, () => value.Set(from()[0]));
            return [value.Value];
        }

        return new Loaded(
            Element(_epilogue.Parts.Bias, () => _bias + column),
            Element(_epilogue.Parts.Multiply, () => At(_factor, row, column)),
            Element(_epilogue.Parts.Residual, () => At(_residual, row, column)));
    }

    /// <summary>Finishes the sums of one vector of one row, all of which exist, and stores them.</summary>
    public void Finish(S32 row, S32 column, F32[] values, Loaded loaded = default)
    {
        var parts = _epilogue.Parts;
        Combine(values, parts.Bias, loaded.Bias, () => _bias + column, (value, bias) => value + bias);
        for (var i = 0; i < values.Length; i++)
            values[i] = DeviceActivations.Apply(parts.Activation, values[i]);
        Combine(values, parts.Multiply, loaded.Factor, () => At(_factor, row, column), (value, other) => value * other);
        if (_gate is { } gate)
            for (var i = 0; i < values.Length; i++) values[i] *= gate;
        Combine(
            values, parts.Residual, loaded.Residual, () => At(_residual, row, column), (value, other) => value + other);

        var y = _y + (Isa.MulWide(row, _columns) + column.ToS64());
        if (values.Length == 1) y[0] = values[0];
        else y.StoreVector(values);
    }

    private (FloatPtr Start, S64 Pitch) Rows(KernelBuilder k, string name, DType type) =>
        (k.InputFloats(name, type, Alignment(type)), k.Scalar<S64>(name + "_pitch"));

    private static FloatPtr At((FloatPtr Start, S64 Pitch) rows, S32 row, S32 column) =>
        rows.Start + (row.ToS64() * rows.Pitch + column.ToS64());

    private static void Combine(
        F32[] values, bool isWanted, F32[]? loaded, Func<FloatPtr> from, Func<F32, F32, F32> how)
    {
        if (!isWanted) return;
        var others = loaded ?? from().Load(0, values.Length);
        for (var i = 0; i < values.Length; i++) values[i] = how(values[i], others[i]);
    }

    /// <summary>Operands of one element that were loaded ahead; null for those that are not wanted.</summary>
    internal readonly record struct Loaded(F32[]? Bias, F32[]? Factor, F32[]? Residual);

    private int Alignment(DType type) => (int)type.ByteSize(_epilogue.Width);
}
