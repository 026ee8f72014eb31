using FlamingoGpu.Core;
using FlamingoGpu.Gpu.Tests.Launches;
using FlamingoGpu.Kernels;
using FlamingoGpu.Ptx;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>
/// An op with operands, run on the virtual GPU through the same binding as in a model, one of its kernels replaced by
/// another text. A result counts as wrong when it is further from the unchanged kernel's than any bound of the op's
/// conformance test: 2⁻¹⁰ of the largest value, and four roundings of the type it is stored in; integers must be the
/// same. What is done to the operands (a cache that is appended to, or nothing) must be exactly the same.
/// </summary>
/// <param name="Op">The op.</param>
/// <param name="Inputs">Operands; they may be written (caches).</param>
internal sealed record OpUnderMutation(Op Op, params IReadOnlyList<(Numbers Numbers, Shape Shape)> Inputs)
{
    private const double Tolerance = 1.0 / 1024;

    /// <summary>Compute capability: 8 for the kernels that devices without warpgroup products get.</summary>
    public int ComputeMajor { get; init; } = 9;

    /// <summary>
    /// Operands that kernels in front compute. With any, launches start early and the kernels' texts are those that
    /// wait.
    /// </summary>
    public IReadOnlyList<int> Computed { get; init; } = [];

    /// <summary>The kernels that the op runs on here.</summary>
    public IReadOnlyList<PtxKernel> Kernels()
    {
        using var device = Open(new VirtualDeviceOptions(), []);
        using var operands = new Operands(device, Op, Inputs);
        return [.. new GpuKernels(device).Bind(Op, operands.Inputs, operands.Output).Launches
            .Select(launch => launch.Kernel).DistinctBy(kernel => kernel.Name)];
    }

    /// <summary>Runs the op with <paramref name="text"/> for the kernel of that name.</summary>
    public LaunchOutcome Run(string kernel, string text, Results? expected, VirtualDeviceOptions options) =>
        Run(kernel, text, expected, options, out _);

    public LaunchOutcome Run(
        string kernel, string text, Results? expected, VirtualDeviceOptions options, out Results result)
    {
        var reports = new List<LaunchReport>();
        using var device = Open(options, reports);
        device.Load(kernel, text);
        using var operands = new Operands(device, Op, Inputs);
        var kernels = new GpuKernels(device);
        foreach (var operand in Computed) Compute(kernels, operands.Inputs[operand]);
        kernels.Bind(Op, operands.Inputs, operands.Output).Run();
        result = operands.Read();
        return new LaunchOutcome(reports, expected is null ? null : Compare(expected, result, operands.Output.DType));
    }

    private GpuDevice Open(VirtualDeviceOptions options, List<LaunchReport> reports) =>
        new(new VirtualDriver(options with { HasDependentLaunch = Computed.Count > 0, ComputeMajor = ComputeMajor })
        {
            ThrowsOnFindings = false,
            Launched = reports.Add,
        });

    /// <summary>A kernel writes what is there already; integers pass as numbers, bit by bit.</summary>
    private static void Compute(GpuKernels kernels, BoundTensor tensor)
    {
        var type = tensor.DType == DType.I32 ? DType.F32 : tensor.DType;
        var numbers = new BoundTensor(tensor.Address, type, tensor.Shape);
        kernels.Bind(new Activate(Activation.None) { OutputType = type }, [numbers], numbers).Run();
    }

    private static string? Compare(Results expected, Results actual, DType type)
    {
        var largest = expected.Output.Where(double.IsFinite).DefaultIfEmpty().Max(Math.Abs);
        var bound = type == DType.I32 ? 0 : largest * (Tolerance + (type == DType.BF16 ? 4 * Rounding.BF16 : 0));
        for (var i = 0; i < expected.Output.Length; i++)
        {
            var (was, now) = (expected.Output[i], actual.Output[i]);
            if (Math.Abs(now - was) <= bound || now.Equals(was)) continue;
            return $"element {i} is {now}, of the unchanged kernel {was}.";
        }

        return expected.Operands.AsSpan().SequenceEqual(actual.Operands) ? null : "the operands end up otherwise.";
    }

    /// <summary>What is in memory after a run.</summary>
    internal sealed record Results(double[] Output, byte[] Operands);

    /// <summary>The operands on a device: inputs as they are, an output nobody wrote.</summary>
    private sealed class Operands : IDisposable
    {
        private readonly List<DeviceMemory> _blocks = [];
        private readonly GpuDevice _device;

        public Operands(GpuDevice device, Op op, IReadOnlyList<(Numbers Numbers, Shape Shape)> inputs)
        {
            _device = device;
            Inputs = [.. inputs.Select(input => Place(input.Numbers, input.Shape))];
            var type = op.Infer(Array.ConvertAll(Inputs, input => input.Type));
            Output = new BoundTensor(Take((int)type.ByteLength), type.DType, type.Shape);
        }

        public BoundTensor[] Inputs { get; }

        public BoundTensor Output { get; }

        public Results Read() =>
            new(Numbers.Decode(Output.DType, Bytes(Output)), [.. Inputs.SelectMany(Bytes)]);

        public void Dispose()
        {
            foreach (var block in _blocks) block.Dispose();
        }

        private BoundTensor Place(Numbers numbers, Shape shape)
        {
            var address = Take(numbers.Bytes.Length);
            _device.Upload(numbers.Bytes, address);
            return new BoundTensor(address, numbers.Type, shape);
        }

        private byte[] Bytes(BoundTensor tensor)
        {
            var bytes = new byte[tensor.Type.ByteLength];
            _device.Download(tensor.Address, bytes);
            return bytes;
        }

        private nint Take(int bytes)
        {
            _blocks.Add(_device.Allocate(bytes, "operand"));
            return _blocks[^1].Address;
        }
    }
}
