using System.Buffers.Binary;
using FlamingoGpu.Ptx;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Kernels;

/// <summary>One kernel launch with its shape and its parameter block, ready to be enqueued any number of times.</summary>
public sealed class GpuLaunch : BoundKernel
{
    private readonly GpuDevice _device;
    private readonly GpuKernelLoad _load;
    private readonly byte[] _parameters;

    internal GpuLaunch(
        GpuDevice device, PtxKernel kernel, LaunchSizes sizes, ReadOnlySpan<KernelArgument> arguments)
    {
        _device = device;
        // One choice for text and launch: whatever starts early waits for its predecessor.
        var startsEarly = device.Properties.HasDependentLaunch;
        Text = startsEarly ? kernel.DependentText : kernel.Text;
        _load = device.BeginLoad(kernel.Name, Text, kernel.DynamicSharedBytes);
        Kernel = kernel;
        Sizes = sizes;
        var grid = kernel.Facts.Grid(sizes);
        Shape = new GpuLaunchShape(
            checked((int)grid.X), checked((int)grid.Y), checked((int)grid.Z),
            kernel.Block.X, kernel.Block.Y, kernel.Block.Z, kernel.DynamicSharedBytes, startsEarly);
        _parameters = Pack(kernel, arguments);
    }

    /// <summary>The kernel's text and facts.</summary>
    public PtxKernel Kernel { get; }

    /// <summary>The kernel's text that was loaded, one of its two.</summary>
    public string Text { get; }

    /// <summary>Sizes of this launch.</summary>
    public LaunchSizes Sizes { get; }

    /// <summary>Grid, block and shared memory.</summary>
    public GpuLaunchShape Shape { get; }

    /// <summary>Floating-point operations of this launch.</summary>
    public long Flops => Kernel.Facts.Flops(Sizes);

    /// <summary>Fewest bytes of device memory this launch can move.</summary>
    public long Bytes => Kernel.Facts.Bytes(Sizes);

    /// <inheritdoc/>
    public override string Variant => Kernel.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<GpuLaunch> Launches => [this];

    /// <inheritdoc/>
    public override void Run() => _device.Stream.Launch(_load.Function, Shape, _parameters);

    private static byte[] Pack(PtxKernel kernel, ReadOnlySpan<KernelArgument> arguments)
    {
        if (arguments.Length != kernel.Parameters.Count)
            throw new ArgumentException(
                $"{kernel.Name} takes {kernel.Parameters.Count} arguments, {arguments.Length} are given.");
        var block = new byte[16 * arguments.Length];
        var used = 0;
        for (var i = 0; i < arguments.Length; i++)
        {
            var parameter = kernel.Parameters[i];
            arguments[i].RequireFits(kernel.Name, parameter);
            used = (used + parameter.Size - 1) / parameter.Size * parameter.Size;
            if (parameter.Size == 4) BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(used), (uint)arguments[i].Bits);
            else BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(used), arguments[i].Bits);
            used += parameter.Size;
        }

        return block.AsSpan(0, used).ToArray();
    }
}
