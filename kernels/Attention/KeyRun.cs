using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>A run of neighbouring keys of one head, with their values.</summary>
/// <param name="Keys">Key 0 [keys, D], rows <paramref name="KeyPitch"/> elements apart.</param>
/// <param name="KeyPitch">Elements between keys.</param>
/// <param name="Values">Value 0 [keys, D].</param>
/// <param name="ValuePitch">Elements between values.</param>
/// <param name="First">First key that any query of the block sees; the same in all threads of the block.</param>
/// <param name="End">Behind the last key that any query of the block sees; nothing from here on is read.</param>
internal sealed record KeyRun(FloatPtr Keys, S64 KeyPitch, FloatPtr Values, S64 ValuePitch, S32 First, S32 End)
{
    /// <summary>First key from which on every query of the block sees them; <see cref="First"/> by default.</summary>
    public S32 SharedFirst { get; init; } = First;

    /// <summary>Behind the last key that every query of the block sees; <see cref="End"/> by default.</summary>
    public S32 SharedEnd { get; init; } = End;

    /// <summary>Declares the parameters of keys and values [rows, D·heads] and finds this head's run in them.</summary>
    /// <param name="k">The kernel.</param>
    /// <param name="block">The block's queries.</param>
    /// <param name="prefix">First part of the parameters' names.</param>
    /// <param name="isWritten">True when the kernel stores keys and values as well.</param>
    /// <param name="locate">Stages the row of key 0 and the run's first key and end.</param>
    public static KeyRun Declare(
        KernelBuilder k, QueryBlock block, string prefix, bool isWritten, Func<(S64 Row, S32 First, S32 End)> locate)
    {
        var keys = Floats($"{prefix}_k");
        var keyPitch = k.Scalar<S64>($"{prefix}_k_pitch");
        var values = Floats($"{prefix}_v");
        var valuePitch = k.Scalar<S64>($"{prefix}_v_pitch");
        var (row, first, end) = locate();
        var column = (block.KeyHead * block.HeadDim).ToS64();
        return new KeyRun(
            keys + (row * keyPitch + column), keyPitch, values + (row * valuePitch + column), valuePitch, first, end);

        FloatPtr Floats(string name) => isWritten
            ? k.InOutFloats(name, block.Type, block.Alignment)
            : k.InputFloats(name, block.Type, block.Alignment);
    }

    /// <summary>The launch's arguments for <see cref="Declare"/>.</summary>
    public static IEnumerable<KernelArgument> Arguments(BoundTensor keys, BoundTensor values) =>
        [keys, keys.RowPitch, values, values.RowPitch];
}
