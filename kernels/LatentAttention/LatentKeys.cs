using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Every latent sees all media features, then all latents: two runs, as they lie, without a copy.</summary>
internal sealed record LatentKeys : KeyStrategy
{
    /// <inheritdoc/>
    public override string Name => "latents";

    /// <inheritdoc/>
    public override KeyScope Open(KernelBuilder k, QueryBlock block)
    {
        var features = k.Scalar<S32>("features");
        return new KeyScope(
            KeyRun.Declare(
                k, block, "media", isWritten: false, () => (Isa.MulWide(block.Batch, features), 0, features)),
            KeyRun.Declare(
                k, block, "latent", isWritten: false, () => (Isa.MulWide(block.Batch, block.Count), 0, block.Count)));
    }

    /// <summary>The launch's arguments for <see cref="Open"/>.</summary>
    public static KernelArgument[] Arguments(
        BoundTensor mediaK, BoundTensor mediaV, BoundTensor latentK, BoundTensor latentV) =>
        [mediaK.Shape.Int(1), .. KeyRun.Arguments(mediaK, mediaV), .. KeyRun.Arguments(latentK, latentV)];
}
