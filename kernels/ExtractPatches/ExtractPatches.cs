using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Cuts pictures into square patches, each flattened in the order (channel, row, column) of a convolution weight, so
/// that the patch embedding becomes a matrix product. Input: pixels [N, C, H, W] f32. Output
/// [N, (H/P)·(W/P), C·P·P]; a remainder of rows or columns is dropped, as a strided convolution does.
/// </summary>
/// <param name="PatchSize">P.</param>
public sealed record ExtractPatches(int PatchSize) : Op
{
    /// <inheritdoc/>
    public override string Name => "extract_patches";

    /// <inheritdoc/>
    public override bool MayNarrow => true;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 1);
        var x = inputs[0];
        RequireDType(x, DType.F32, "pixels");
        Require(x.Shape.Rank == 4 && x.Shape[2] >= PatchSize && x.Shape[3] >= PatchSize, "pixels", $"[images, channels, height >= {PatchSize}, width >= {PatchSize}]", x);
        var patches = x.Shape[2] / PatchSize * (x.Shape[3] / PatchSize);
        return Result([x.Shape[0], patches, x.Shape[1] * PatchSize * PatchSize]);
    }

    /// <inheritdoc/>
    protected override long Flops(ReadOnlySpan<TensorType> inputs, TensorType output) => 0;
}
