using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Checks;

/// <summary>What one device made of a case.</summary>
/// <param name="Variant">Kernel it chose.</param>
/// <param name="Launches">GPU launches of that kernel; none on the cpu.</param>
/// <param name="Output">Elements of the output.</param>
/// <param name="Written">Elements of the operands in <see cref="OpCase.Written"/> afterwards.</param>
/// <param name="Damage">What was written outside the output, or null.</param>
internal sealed record CaseRun(
    string Variant, IReadOnlyList<GpuLaunch> Launches, double[] Output, IReadOnlyList<double[]> Written, string? Damage)
{
    /// <summary>Places the operands, runs the op once and takes everything back to the host.</summary>
    /// <param name="case">Shapes and layout.</param>
    /// <param name="values">Elements of each operand.</param>
    /// <param name="device">Where.</param>
    /// <param name="kernels">Its kernels.</param>
    /// <param name="isWide">True to hold every float as f32, without gaps: the yardstick.</param>
    public static CaseRun Of(
        OpCase @case, IReadOnlyList<double[]> values, IDevice device, IKernelLibrary kernels, bool isWide = false)
    {
        if (isWide && @case.Op is NormedMatMul) return OfPair(NormedCase.Of(@case), values, device, kernels);
        var placed = new List<PlacedTensor>();
        try
        {
            var kernel = Bind(@case, values, device, kernels, isWide, placed, out var output);
            kernel.Run();
            device.Synchronize();
            return Collect(@case, kernel, placed, output);
        }
        finally
        {
            foreach (var tensor in placed) tensor.Dispose();
        }
    }

    /// <summary>What a device would launch for a case.</summary>
    public static IReadOnlyList<GpuLaunch> Bind(OpCase @case, IDevice device, IKernelLibrary kernels)
    {
        var placed = new List<PlacedTensor>();
        try
        {
            return Bind(@case, new double[]?[@case.Inputs.Count], device, kernels, isWide: false, placed, out _)
                .Launches;
        }
        finally
        {
            foreach (var tensor in placed) tensor.Dispose();
        }
    }

    /// <summary>The yardstick takes one after the other.</summary>
    private static CaseRun OfPair(
        NormedCase pair, IReadOnlyList<double[]> values, IDevice device, IKernelLibrary kernels)
    {
        var normed = Of(pair.Norm, [.. values.Take(pair.Norm.Inputs.Count)], device, kernels, isWide: true).Output;
        return Of(pair.Product, pair.ProductValues(normed, values), device, kernels, isWide: true);
    }

    private static BoundKernel Bind(
        OpCase @case, IReadOnlyList<double[]?> values, IDevice device, IKernelLibrary kernels, bool isWide,
        List<PlacedTensor> placed, out PlacedTensor output)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var input = @case.Inputs[i];
            placed.Add(new PlacedTensor(
                device, isWide ? Widen(input.Type) : input.Type, isWide ? 0 : input.Gap, values[i]));
        }

        var op = isWide && @case.OutputType.DType.IsWeightFloat() ? @case.Op with { OutputType = DType.F32 } : @case.Op;
        BoundTensor[] inputs = [.. placed.Select(tensor => tensor.Tensor)];
        if (!@case.IsInPlace) placed.Add(
            new PlacedTensor(device, op.Infer([.. inputs.Select(input => input.Type)]), 0, null));
        output = @case.IsInPlace ? placed[op.InPlaceInput] : placed[^1];
        return kernels.Bind(op, inputs, output.Tensor);
    }

    private static CaseRun Collect(OpCase @case, BoundKernel kernel, List<PlacedTensor> placed, PlacedTensor output)
    {
        var contents = new Dictionary<PlacedTensor, double[]>();
        string? damage = null;
        for (var i = 0; i < placed.Count; i++)
        {
            contents[placed[i]] = placed[i].Read(out var at);
            if (at is not { } offset) continue;
            var what = placed[i] == output ? "the output" : $"input {i}";
            damage ??= $"byte {offset} from the start of {what} was overwritten";
        }

        return new CaseRun(
            kernel.Variant, kernel.Launches, contents[output], [.. @case.Written.Select(i => contents[placed[i]])],
                damage);
    }

    private static TensorType Widen(TensorType type) =>
        type.DType.IsWeightFloat() ? type with { DType = DType.F32 } : type;
}
