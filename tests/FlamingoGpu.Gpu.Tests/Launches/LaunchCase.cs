using FlamingoGpu.Ptx;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Launches;

/// <summary>
/// One launch of a kernel with plain expectations, for everything that runs kernels on the virtual GPU: conformance,
/// counted lints, mutants of its text.
/// </summary>
/// <param name="Name">Kernel and sizes.</param>
/// <param name="Kernel">The kernel.</param>
/// <param name="Sizes">What the kernel's grid and facts need.</param>
/// <param name="Arguments">One for each parameter, in order.</param>
internal sealed record LaunchCase(
    string Name, PtxKernel Kernel, LaunchSizes Sizes, params IReadOnlyList<LaunchValue> Arguments)
{
    /// <summary>Launches the kernel itself or, as <paramref name="text"/>, a changed copy of it.</summary>
    public LaunchOutcome Run(VirtualDeviceOptions options, string? text = null)
    {
        using var device = new VirtualDevice(options);
        var kernel = device.Load(text ?? Kernel.Text).Kernel(Kernel.Name);
        var addresses = Arguments.Select((argument, i) => Place(device, argument, Kernel.Parameters[i].Name)).ToArray();
        var values = Arguments.Select((argument, i) =>
            argument is Scalar scalar ? scalar.Value : (LaunchArgument)addresses[i]).ToArray();
        var grid = Kernel.Facts.Grid(Sizes);
        kernel.AllowDynamicShared(Kernel.DynamicSharedBytes);
        var report = device.Launch(kernel, new Dim3((int)grid.X, (int)grid.Y, (int)grid.Z),
            new Dim3(Kernel.Block.X, Kernel.Block.Y, Kernel.Block.Z), Kernel.DynamicSharedBytes, values);
        var wrong = Arguments.Select((argument, i) =>
            Compare(device, argument, addresses[i], Kernel.Parameters[i].Name));
        return new LaunchOutcome([report], wrong.FirstOrDefault(message => message is not null));
    }

    public override string ToString() => Name;

    private static ulong Place(VirtualDevice device, LaunchValue argument, string name)
    {
        switch (argument)
        {
            case Input input:
                var address = device.Allocate(input.Numbers.Bytes.Length, name);
                device.Upload<byte>(input.Numbers.Bytes, address);
                return address;
            case Output output:
                return device.Allocate(new Numbers(output.Type, output.Expected).Bytes.Length, name);
            default:
                return 0;
        }
    }

    private static string? Compare(VirtualDevice device, LaunchValue argument, ulong address, string name)
    {
        if (argument is Input input)
        {
            var now = device.Download<byte>(address, input.Numbers.Bytes.Length);
            return now.AsSpan().SequenceEqual(input.Numbers.Bytes) ? null : $"the input {name} was changed.";
        }

        if (argument is not Output output) return null;
        var length = new Numbers(output.Type, output.Expected).Bytes.Length;
        var unwritten = device.FirstUnwrittenByte(address, length);
        if (unwritten >= 0) return $"byte {unwritten} of {name} was never written.";
        var numbers = Numbers.Decode(output.Type, device.Download<byte>(address, length));
        for (var i = 0; i < numbers.Length; i++)
        {
            if (Math.Abs(numbers[i] - output.Expected[i]) <= output.Bounds[i]) continue;
            return $"{name}[{i}] is {numbers[i]}, expected {output.Expected[i]} ± {output.Bounds[i]}.";
        }

        return null;
    }
}
