using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Cpu;

/// <summary>
/// The processor as a device: addresses are host addresses, kernels run on the calling thread and the workers of
/// <see cref="Pool"/>, and everything is done when a call returns. Not safe for concurrent use.
/// </summary>
public sealed unsafe class CpuDevice : IDevice
{
    private readonly CpuWeightStore? _weights;
    private long _liveBytes;

    /// <summary>Starts the worker threads.</summary>
    /// <param name="threads">Threads that compute, at least 1; null takes every core this process may use.</param>
    /// <param name="copyWeights">Copies large weights into huge pages: faster decoding, slower loading. Otherwise they
    /// are used where the file is mapped.</param>
    /// <exception cref="InvalidRequestException">Fewer than one thread was asked for.</exception>
    public CpuDevice(int? threads = null, bool copyWeights = false)
    {
        if (threads is < 1)
            throw new InvalidRequestException($"threads is {threads}; it must be at least 1.");
        Pool = new WorkerPool(threads ?? Environment.ProcessorCount);
        Scratch = new CpuScratch(Pool.ThreadCount);
        _weights = copyWeights ? new CpuWeightStore(this) : null;
    }

    /// <summary>The threads kernels run on.</summary>
    public WorkerPool Pool { get; }

    /// <summary>Working memory of the kernels.</summary>
    public CpuScratch Scratch { get; }

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public string Description =>
        $"{ProcessorName()}, {Pool.ThreadCount} thread{(Pool.ThreadCount == 1 ? "" : "s")}, {InstructionSets()}";

    /// <summary>Bytes allocated and not yet freed; 0 when nothing leaks.</summary>
    public long LiveBytes => Interlocked.Read(ref _liveBytes);

    /// <inheritdoc/>
    public long AvailableBytes
    {
        get
        {
            var memory = GC.GetGCMemoryInfo();
            var underLimit = memory.TotalAvailableMemoryBytes - Environment.WorkingSet;
            return Math.Max(0, Math.Min(underLimit, UnusedSystemBytes() ?? underLimit));
        }
    }

    /// <inheritdoc/>
    public DeviceMemory Allocate(long byteLength, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        var available = AvailableBytes;
        var memory = byteLength <= available ? CpuMemory.TryAllocate(this, byteLength, purpose) : null;
        if (memory is null)
            throw new DeviceException(
                $"cpu: {purpose} needs {byteLength:N0} bytes, {available:N0} are available. "
                + "Use a shorter context, a smaller dtype, or a machine with more memory.");
        Interlocked.Add(ref _liveBytes, byteLength);
        return memory;
    }

    /// <inheritdoc/>
    public nint MakeResident(nint hostAddress, long byteLength) =>
        _weights is null ? hostAddress : _weights.CopyOf(hostAddress, byteLength);

    /// <summary>
    /// Interleaves the rows of a matrix for products (<see cref="RowGroups"/>), in place and once, if its bytes are the
    /// device's own: a whole copy that <see cref="MakeResident"/> made, with rows of whole pieces. Whoever reads weights
    /// asks for their order; from the first product on the copy has the new one.
    /// </summary>
    /// <param name="address">First byte, from <see cref="MakeResident"/>.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="rowBytes">Bytes of a row; rows follow each other without gaps.</param>
    /// <returns>True when the rows are interleaved now, false when the matrix is and stays row-major.</returns>
    public bool InterleaveRows(nint address, long rows, long rowBytes) =>
        _weights is not null && _weights.Interleave(address, rows, rowBytes);

    /// <summary>True for an address within a matrix whose rows were interleaved.</summary>
    public bool IsInterleaved(nint address) => _weights is not null && _weights.IsInterleaved(address);

    /// <inheritdoc/>
    public void ReleaseResidents() => _weights?.Dispose();

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, nint destination) =>
        source.CopyTo(new Span<byte>((void*)destination, source.Length));

    /// <inheritdoc/>
    public void Download(nint source, Span<byte> destination) =>
        new ReadOnlySpan<byte>((void*)source, destination.Length).CopyTo(destination);

    /// <inheritdoc/>
    public void Copy(nint source, nint destination, long byteLength) =>
        Buffer.MemoryCopy((void*)source, (void*)destination, byteLength, byteLength);

    /// <inheritdoc/>
    public void Synchronize()
    {
    }

    /// <summary>
    /// Stops the workers and frees the scratch memory and the copies of weights; allocated blocks stay with their owners.
    /// </summary>
    public void Dispose()
    {
        _weights?.Dispose();
        Pool.Dispose();
        Scratch.Dispose();
    }

    internal void Freed(long byteLength) => Interlocked.Add(ref _liveBytes, -byteLength);

    /// <summary>Memory the system could hand out without swapping, or null where it does not say.</summary>
    private static long? UnusedSystemBytes()
    {
        if (!OperatingSystem.IsLinux()) return null;
        foreach (var line in File.ReadLines("/proc/meminfo"))
        {
            if (!line.StartsWith("MemAvailable:", StringComparison.Ordinal)) continue;
            var kibibytes = line.AsSpan("MemAvailable:".Length).Trim();
            kibibytes = kibibytes[..kibibytes.IndexOf(' ')];
            return long.Parse(kibibytes, NumberStyles.None, CultureInfo.InvariantCulture) * 1024;
        }

        return null;
    }

    private static string ProcessorName()
    {
        if (OperatingSystem.IsLinux() && File.Exists("/proc/cpuinfo"))
        {
            foreach (var line in File.ReadLines("/proc/cpuinfo"))
            {
                if (line.StartsWith("model name", StringComparison.Ordinal))
                    return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
        }

        return RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string InstructionSets()
    {
        var sets = new List<string>();
        if (Avx2.IsSupported) sets.Add("AVX2");
        if (Fma.IsSupported) sets.Add("FMA");
        if (Avx512F.IsSupported) sets.Add("AVX-512");
        if (sets.Count > 0) return string.Join(" ", sets);
        return Vector128.IsHardwareAccelerated ? "128-bit vectors" : "no vectors";
    }
}
