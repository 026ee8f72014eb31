using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Every query sees all keys of its batch entry.</summary>
internal sealed record FullKeys : KeyStrategy
{
    /// <inheritdoc/>
    public override string Name => "full";

    /// <inheritdoc/>
    public override KeyScope Open(KernelBuilder k, QueryBlock block)
    {
        var count = k.Scalar<S32>("keys");
        return new KeyScope(
            KeyRun.Declare(k, block, "all", isWritten: false, () => (Isa.MulWide(block.Batch, count), 0, count)));
    }

    /// <summary>The launch's arguments for <see cref="Open"/>.</summary>
    public static KernelArgument[] Arguments(BoundTensor keys, BoundTensor values) =>
        [keys.Shape.Int(1), .. KeyRun.Arguments(keys, values)];
}
