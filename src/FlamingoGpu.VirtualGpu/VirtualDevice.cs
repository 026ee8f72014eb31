using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Compilation;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu;

/// <summary>
/// A GPU of compute capability 9.0 or 8.0 made of software. It reads PTX text and executes it warp by warp in a random order,
/// with registers, shared and device memory poisoned until they are written, and with every check of
/// <see cref="FindingKind"/>. Calls are synchronous and not safe for concurrent use; several devices may run side by
/// side.
/// </summary>
/// <remarks>
/// Approximations: <c>ex2</c>, <c>lg2</c>, <c>rsqrt</c>, <c>sin</c>, <c>cos</c> and <c>tanh</c> are computed in double
/// precision and rounded once, <c>rcp.approx</c> and <c>div.approx</c> are correctly rounded; matrix products sum in
/// double precision and round once.
/// Threads of a warp that take different sides of a branch run one side after the other (in random order) and meet
/// again at the branch's post-dominator, so a thread cannot wait in a loop for another thread of its own warp. A fence
/// is taken to cover the whole warp, one for the async proxy only what its own warp wrote before a barrier, and what one warp fenced before a barrier counts as fenced for all. Unwritten
/// values are tracked for each byte of memory and each whole register.
/// </remarks>
public sealed class VirtualDevice : IDisposable
{
    private const int MaximumGridX = int.MaxValue;
    private const int MaximumGridYZ = 65535;
    private const int MaximumThreads = 1024;
    private const int SharedWithoutOptIn = 48 * 1024;

    private readonly DeviceHeap _heap;
    private int _launch;
    private int _chain = 1;

    /// <summary>Makes a device.</summary>
    public VirtualDevice(VirtualDeviceOptions? options = null)
    {
        Options = options ?? new VirtualDeviceOptions();
        if (Options.ComputeMajor is not (8 or 9))
        {
            throw new InvalidRequestException(
                $"virtual device: the compute capability is 8.0 or 9.0, not {Options.ComputeMajor}.0.");
        }

        _heap = new DeviceHeap(Options.MemoryByteLength);
    }

    /// <summary>As given.</summary>
    public VirtualDeviceOptions Options { get; }

    /// <summary>Bytes that can still be allocated.</summary>
    public long AvailableBytes => _heap.Capacity - _heap.Used;

    /// <summary>Bytes allocated now.</summary>
    public long AllocatedBytes => _heap.Used;

    /// <summary>Reads, checks and compiles a PTX text.</summary>
    /// <exception cref="PtxException">The text is not legal.</exception>
    /// <exception cref="DeviceException">The text is for another chip, a legal instruction is not executed here, or a
    /// variable does not fit.</exception>
    public VirtualModule Load(string ptx)
    {
        var module = PtxReader.Read(ptx);
        if (!module.Target.RunsOn(10 * Options.ComputeMajor))
        {
            throw new DeviceException($"virtual device: a text for {module.Target} does not run on compute capability "
                + $"{Options.ComputeMajor}.0.");
        }

        var addresses = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (var variable in module.Variables.Where(v => v.Space is PtxSpace.Const or PtxSpace.Global))
        {
            addresses.Add(variable.Name, Place(variable));
        }

        var kernels = module.Kernels.ToDictionary(
            kernel => kernel.Name,
            kernel => new VirtualKernel(
                KernelCompiler.Compile(kernel, variable => addresses[variable.Name]), Options.ComputeMajor),
            StringComparer.Ordinal);
        return new VirtualModule(module, kernels, addresses);
    }

    /// <summary>Allocates memory that counts as never written.</summary>
    /// <param name="byteLength">Bytes, at least 0.</param>
    /// <param name="purpose">Named in findings.</param>
    /// <returns>The device address; never reused, aligned to 64 KiB.</returns>
    /// <exception cref="DeviceException">Not enough memory.</exception>
    public ulong Allocate(long byteLength, string purpose = "memory") => _heap.Add(byteLength, purpose).Start;

    /// <summary>
    /// Makes host bytes readable by kernels at a device address, without a copy. They must stay where they are until
    /// <see cref="Free"/>, and kernels cannot write them.
    /// </summary>
    public ulong MapHost(nint hostAddress, long byteLength, string purpose = "mapped memory") =>
        _heap.AddHost(hostAddress, byteLength, purpose).Start;

    /// <summary>Gives memory back; later accesses are out of bounds.</summary>
    public void Free(ulong address)
    {
        var allocation = _heap.Require(address, 0);
        if (allocation.Start != address)
        {
            throw new InvalidRequestException($"virtual device: 0x{address:x} is not the start of an allocation.");
        }
        _heap.Remove(allocation);
    }

    /// <summary>Copies host bytes to the device; they count as written.</summary>
    public unsafe void Upload(ReadOnlySpan<byte> source, ulong destination)
    {
        var allocation = Writable(destination, source.Length);
        var offset = (long)(destination - allocation.Start);
        WaitForAll();
        source.CopyTo(new Span<byte>(allocation.Data + offset, source.Length));
        allocation.MarkWritten(offset, source.Length);
    }

    /// <summary>Copies numbers to the device; they count as written.</summary>
    public void Upload<T>(ReadOnlySpan<T> source, ulong destination)
        where T : unmanaged => Upload(MemoryMarshal.AsBytes(source), destination);

    /// <summary>Copies device bytes to the host, written or not.</summary>
    public unsafe void Download(ulong source, Span<byte> destination)
    {
        var allocation = _heap.Require(source, destination.Length);
        WaitForAll();
        new ReadOnlySpan<byte>(allocation.Data + (source - allocation.Start), destination.Length).CopyTo(destination);
    }

    /// <summary>Copies numbers to the host, written or not.</summary>
    public T[] Download<T>(ulong source, int count)
        where T : unmanaged
    {
        var result = new T[count];
        Download(source, MemoryMarshal.AsBytes(result.AsSpan()));
        return result;
    }

    /// <summary>Copies within the device; bytes never written stay so.</summary>
    public unsafe void Copy(ulong source, ulong destination, long byteLength)
    {
        var from = _heap.Require(source, byteLength);
        var to = Writable(destination, byteLength);
        WaitForAll();
        var (readOffset, writeOffset) = ((long)(source - from.Start), (long)(destination - to.Start));
        Buffer.MemoryCopy(from.Data + readOffset, to.Data + writeOffset, byteLength, byteLength);
        if (from.Shadow == null) to.MarkWritten(writeOffset, byteLength);
        else Buffer.MemoryCopy(from.Shadow + readOffset, to.Shadow + writeOffset, byteLength, byteLength);
    }

    /// <summary>Sets every byte of a range; they count as written.</summary>
    public unsafe void Fill(ulong destination, byte value, long byteLength)
    {
        var allocation = Writable(destination, byteLength);
        var offset = (long)(destination - allocation.Start);
        WaitForAll();
        NativeMemory.Fill(allocation.Data + offset, (nuint)byteLength, value);
        allocation.MarkWritten(offset, byteLength);
    }

    /// <summary>Offset of the first byte of a range that nobody wrote since it was allocated, or -1.</summary>
    public unsafe long FirstUnwrittenByte(ulong address, long byteLength)
    {
        var allocation = _heap.Require(address, byteLength);
        if (allocation.Shadow == null) return -1;
        var start = allocation.Shadow + (address - allocation.Start);
        for (long i = 0; i < byteLength; i++)
        {
            if (start[i] != 0) return i;
        }

        return -1;
    }

    /// <summary>Runs a kernel with its arguments in order.</summary>
    /// <exception cref="InvalidRequestException">The launch shape or the arguments do not fit the kernel.</exception>
    public LaunchReport Launch(
        VirtualKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes,
            params ReadOnlySpan<LaunchArgument> arguments)
    {
        var parameters = kernel.Ptx.Parameters;
        if (arguments.Length != parameters.Count)
        {
            throw new InvalidRequestException(
                $"{kernel.Name} takes {parameters.Count} arguments, {arguments.Length} are given.");
        }

        var bytes = new byte[kernel.Ptx.ParameterByteLength];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].ByteLength != parameters[i].ByteLength)
            {
                throw new InvalidRequestException(
                    $"{kernel.Name}: parameter '{parameters[i].Name}' has {parameters[i].ByteLength} "
                    + $"bytes, the argument has {arguments[i].ByteLength}.");
            }

            arguments[i].CopyTo(bytes.AsSpan((int)parameters[i].Offset));
        }

        return LaunchWithBlock(kernel, grid, block, dynamicSharedBytes, bytes);
    }

    /// <summary>Runs a kernel with its parameter block as it lies in memory.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="dynamicSharedBytes">Shared memory beyond what the text declares.</param>
    /// <param name="parameters">The parameter block.</param>
    /// <param name="startsEarly">True to check the launch as one that may start before those in front are done.</param>
    /// <exception cref="InvalidRequestException">The launch shape or the block's size do not fit the kernel, or the
    /// device launches nothing early.</exception>
    public LaunchReport LaunchWithBlock(VirtualKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes,
        ReadOnlySpan<byte> parameters, bool startsEarly = false)
    {
        CheckShape(kernel, grid, block, dynamicSharedBytes);
        Require(!startsEarly || Options.HasDependentLaunch, kernel, "this device launches no kernel early.");
        if (parameters.Length != kernel.Ptx.ParameterByteLength)
        {
            throw new InvalidRequestException(
                $"{kernel.Name}: the parameter block has {kernel.Ptx.ParameterByteLength} bytes, "
                + $"{parameters.Length} are given.");
        }

        var program = kernel.Program;
        var bytes = parameters.ToArray();
        if (!startsEarly) WaitForAll();
        var chain = new LaunchChain(Options.HasDependentLaunch ? _chain : 0, startsEarly);
        var memory = Options.SeedCount > 1 ? new MemorySnapshot(_heap) : null;
        var run = RunOnce(memory, program, grid, block, dynamicSharedBytes, bytes, chain, Options.Seed);
        var counters = new LaunchCounters([.. program.Ops.Select(op => run.Counts[op.Index].Of(op))]);
        if (memory is not null) Repeat(memory, run.Log, program, grid, block, dynamicSharedBytes, bytes, chain);
        return new LaunchReport(kernel.Name, run.Log.Findings, counters,
            kernel.Occupancy((int)block.Count, dynamicSharedBytes));
    }

    /// <summary>Frees everything.</summary>
    public void Dispose() => _heap.Dispose();

    private void Repeat(
        MemorySnapshot before, FindingLog log, Program program, Dim3 grid, Dim3 block, int shared, byte[] parameters,
        LaunchChain chain)
    {
        var expected = new MemorySnapshot(_heap);
        for (var i = 1; i < Options.SeedCount && log.Findings.Count == 0; i++)
        {
            before.Restore();
            var again = RunOnce(before, program, grid, block, shared, parameters, chain, Options.Seed + i);
            foreach (var finding in again.Log.Findings) log.Add(finding);
            if (expected.FirstDifference() is not { } difference) continue;
            var instruction = program.Kernel.Instructions[0];
            log.Add(new Finding(FindingKind.Nondeterminism, program.Kernel.Name, program.Kernel.Line,
                instruction.Source, instruction.Form,
                0, 0, -1, difference.Address,
                    $"seed {Options.Seed + i} left other bytes than seed {Options.Seed}, first at offset "
                + $"{difference.Offset} of '{difference.Purpose}'."));
        }
    }

    private LaunchRun RunOnce(
        MemorySnapshot? before, Program program, Dim3 grid, Dim3 block, int shared, byte[] parameters,
        LaunchChain chain, int seed)
    {
        var run = new LaunchRun(program, _heap, Options, NextLaunch(), chain);
        run.Run(grid, block, shared, parameters, seed, Options.Workers);
        if (!run.HasHiddenRace) return run;
        before?.Restore();
        var alone = new LaunchRun(program, _heap, Options, NextLaunch(), chain);
        alone.Run(grid, block, shared, parameters, seed, workers: 1);
        return alone;
    }

    /// <summary>Work that waits for everything in front, and lets nothing behind start early, ends a chain of
    /// launches.</summary>
    internal void WaitForAll() => _chain++;

    private int NextLaunch()
    {
        if (++_launch < RaceRecord.LaunchLimit) return _launch;
        foreach (var allocation in _heap.Allocations) allocation.ClearRaces();
        return _launch = 1;
    }

    private ulong Place(PtxVariable variable)
    {
        var allocation = _heap.Add(variable.ByteLength, variable.Name, isReadOnly: variable.Space == PtxSpace.Const);
        var initial = variable.Initial ?? new byte[variable.ByteLength];
        unsafe
        {
            initial.CopyTo(new Span<byte>(allocation.Data, initial.Length));
        }

        allocation.MarkWritten(0, initial.Length);
        return allocation.Start;
    }

    private Allocation Writable(ulong address, long length)
    {
        var allocation = _heap.Require(address, length);
        return allocation.IsHostMemory
            ? throw new InvalidRequestException(
                $"virtual device: '{allocation.Purpose}' is mapped from the host and cannot be written.")
            : allocation;
    }

    private void CheckShape(VirtualKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes)
    {
        var ptx = kernel.Ptx;
        Require(grid.X is >= 1 and <= MaximumGridX && grid.Y is >= 1 and <= MaximumGridYZ
            && grid.Z is >= 1 and <= MaximumGridYZ,
            kernel, $"a grid of {grid} cannot be.");
        Require(grid.Count < RaceRecord.BlockLimit, kernel,
            $"a grid of {grid} blocks is more than the virtual GPU runs ({RaceRecord.BlockLimit - 1}).");
        Require(block is { X: >= 1, Y: >= 1, Z: >= 1 and <= 64 } && block.Count <= MaximumThreads, kernel,
            $"a block of {block} threads cannot be.");
        if (ptx.MaxThreads is [var x, var y, var z])
        {
            Require(block.Count <= (long)x * y * z, kernel,
                $"a block of {block} threads is above .maxntid {x}, {y}, {z}.");
        }

        if (ptx.RequiredThreads is [var rx, var ry, var rz])
        {
            Require(block == new Dim3(rx, ry, rz), kernel,
                $"a block of {block} threads is not .reqntid {rx}, {ry}, {rz}.");
        }

        Require(dynamicSharedBytes >= 0, kernel, "dynamic shared memory cannot be negative.");
        var limit = kernel.DynamicSharedLimit < 0 ? SharedWithoutOptIn - ptx.StaticSharedByteLength
            : kernel.DynamicSharedLimit;
        Require(dynamicSharedBytes <= limit, kernel,
            $"{dynamicSharedBytes} bytes of dynamic shared memory are above the {limit} allowed; "
                + "raise it with AllowDynamicShared.");
        Require(ptx.StaticSharedByteLength + (long)dynamicSharedBytes <= Options.SharedByteLimit, kernel,
            $"{ptx.StaticSharedByteLength} + {dynamicSharedBytes} bytes of shared memory do not fit "
                + $"{Options.SharedByteLimit}.");
    }

    private static void Require(bool condition, VirtualKernel kernel, string message)
    {
        if (!condition) throw new InvalidRequestException($"{kernel.Name}: {message}");
    }
}
