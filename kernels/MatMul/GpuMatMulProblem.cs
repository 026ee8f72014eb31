using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>One matrix product to be bound: its operands, and the launches of a kernel for it.</summary>
internal sealed class GpuMatMulProblem
{
    private readonly GpuKernels _kernels;
    private readonly KernelArgument[] _epilogueArguments;

    public GpuMatMulProblem(GpuKernels kernels, MatMul op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        _kernels = kernels;
        (X, W) = (inputs[0], inputs[1]);
        XArguments = [X, X.RowPitch];
        M = checked((int)output.Rows);
        N = checked((int)W.Shape[0]);
        K = checked((int)W.Shape[1]);
        Epilogue = GpuEpilogue.For(op, inputs, output);
        _epilogueArguments = GpuEpilogue.Arguments(op, inputs, output);
    }

    /// <summary>x [M, K].</summary>
    public BoundTensor X { get; }

    /// <summary>w [N, K].</summary>
    public BoundTensor W { get; }

    /// <summary>Rows of x and of the result.</summary>
    public int M { get; }

    /// <summary>Columns of the result.</summary>
    public int N { get; }

    /// <summary>The arguments of a launch in front of w: x and its pitch, or what x is made from.</summary>
    public KernelArgument[] XArguments { get; init; }

    /// <summary>Inner extent.</summary>
    public int K { get; }

    /// <summary>What is fused.</summary>
    public GpuEpilogue Epilogue { get; }

    /// <summary>Multiprocessors of the device.</summary>
    public int Multiprocessors => _kernels.Device.Properties.Multiprocessors;

    /// <summary>Whether matrix instructions of warpgroups may be used.</summary>
    public bool UsesWarpgroups => _kernels.UsesWarpgroups;

    /// <summary>Sizes of a launch.</summary>
    public LaunchSizes Sizes(int parts) => LaunchSizes.Of(("m", M), ("n", N), ("k", K), ("parts", parts));

    /// <summary>
    /// In how many parts K is cut so that a grid of <paramref name="blocks"/> gives every multiprocessor work, each
    /// part at least <paramref name="leastLength"/> long.
    /// </summary>
    public int PartsToFill(long blocks, int leastLength)
    {
        var wanted = Multiprocessors / Math.Max(1, blocks);
        return Math.Clamp((int)Math.Min(wanted, K / leastLength), 1, CombineParts.MostParts(M, N));
    }

    /// <summary>
    /// The launch of a kernel with the parameters x, x_pitch, w, w_pitch, m, n, k and those of its epilogue, or the two
    /// launches when K is cut.
    /// </summary>
    /// <param name="kernel">The kernel with a given epilogue.</param>
    /// <param name="parts">Parts of K.</param>
    /// <param name="stepLength">Parts are a multiple of this.</param>
    public BoundKernel Launch(Func<GpuEpilogue, IKernelVariant> kernel, int parts, int stepLength)
    {
        KernelArgument[] operands = [.. XArguments, W, W.RowPitch, M, N, K];
        if (parts == 1) return _kernels.Launch(kernel(Epilogue), Sizes(1), [.. operands, .. _epilogueArguments]);

        var steps = (K + stepLength - 1) / stepLength;
        var partLength = (steps + parts - 1) / parts * stepLength;
        parts = (K + partLength - 1) / partLength; // rounding up may leave the last ones nothing
        var scratch = _kernels.Device.Scratch;
        var product = _kernels.Launch(
            kernel(GpuEpilogue.Plain(N)), Sizes(parts), [.. operands, partLength, scratch]);
        var combined = _kernels.Launch(
            new CombineParts(parts, Epilogue), Sizes(parts), [scratch, M, N, .. _epilogueArguments]);
        return new GpuSequence($"{product.Variant}*{parts}+{combined.Variant}", product, combined);
    }
}
