using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>From a status to an error: the call, the driver's own words, and what to do.</summary>
internal static unsafe class CudaErrors
{
    /// <summary>The error of a call that failed.</summary>
    /// <param name="api">Is asked for the words.</param>
    /// <param name="status">What the call returned.</param>
    /// <param name="call">The function, as the driver's documentation names it.</param>
    /// <param name="subject">What it was about: a kernel and its shape, or the assembler's log.</param>
    public static DeviceException Failed(CudaApi api, CudaStatus status, string call, string? subject = null)
    {
        byte* name = null;
        byte* words = null;
        _ = api.GetErrorName(status, &name);
        _ = api.GetErrorString(status, &words);
        var message =
            $"cuda: {call} failed: {Text(name) ?? "unknown status"} ({(int)status}), {Text(words) ?? "no text"}.";
        if (subject is not null) message += $" {subject}";
        return Advice(status) is { } advice ? new DeviceException($"{message} {advice}") : new DeviceException(message);
    }

    /// <summary>There is no driver.</summary>
    public static DeviceException NoDriver(string library) => new(
        $"no NVIDIA driver: {library} is not on this machine. Install the driver (525 or newer); in a container, start "
        + "it with access to the GPU.");

    /// <summary>The driver is older than CUDA 12.0.</summary>
    public static DeviceException TooOld(int version) => new(
        $"the NVIDIA driver is too old: it has CUDA {Version(version)}, and 12.0 is needed. Install driver 525 or "
        + "newer.");

    /// <summary>The library is there and does not even tell its version: the stub of a toolkit, say.</summary>
    public static DeviceException Unusable() => new(
        "the CUDA library of this machine does not tell its version: it is a stub, or damaged. Install the NVIDIA "
        + "driver (525 or newer), and look for other libraries of its name on the library path.");

    /// <summary>The driver sees no card.</summary>
    public static DeviceException NoDevice(int version) => new(
        $"the NVIDIA driver (CUDA {Version(version)}) sees no GPU. Check nvidia-smi and CUDA_VISIBLE_DEVICES; in a "
        + "container, start it with access to the GPU.");

    /// <summary>A CUDA version as people write it.</summary>
    public static string Version(int version) => $"{version / 1000}.{version % 1000 / 10}";

    /// <summary>A kernel broke the context: from now on every call in it fails, this one for that reason.</summary>
    public static bool IsLost(CudaStatus status) => status
        is CudaStatus.EccUncorrectable or CudaStatus.IllegalAddress or CudaStatus.LaunchTimeout or CudaStatus.Assert
        or CudaStatus.HardwareStackError or CudaStatus.IllegalInstruction or CudaStatus.MisalignedAddress
        or CudaStatus.InvalidAddressSpace or CudaStatus.InvalidPc or CudaStatus.LaunchFailed;

    private static string? Text(byte* text) => Marshal.PtrToStringUTF8((nint)text);

    private static string? Advice(CudaStatus status) => status switch
    {
        CudaStatus.OutOfMemory => "Free memory on the device, or use a shorter context or a smaller dtype.",
        CudaStatus.NoDevice or CudaStatus.InvalidDevice => "'flamingo-run devices' lists what there is.",
        CudaStatus.UnsupportedPtxVersion => "The driver is older than these kernels: update it.",
        CudaStatus.InvalidPtx => "The kernel text is wrong: please report it, with the log.",
        CudaStatus.JitCompilerNotFound =>
            "The driver was installed without libnvidia-ptxjitcompiler: install it whole.",
        CudaStatus.SystemNotReady => "The fabric manager of this machine is not running, or is still starting.",
        CudaStatus.SystemDriverMismatch => "Kernel module and library of the driver differ: reboot after an update.",
        CudaStatus.StreamCaptureUnsupported or CudaStatus.StreamCaptureInvalidated
            or CudaStatus.StreamCaptureImplicit =>
            "Nothing may allocate, free, load or wait while a graph is captured: run the work once before.",
        CudaStatus.LaunchOutOfResources => "The kernel needs more registers or shared memory than a block can have.",
        _ when IsLost(status) =>
            "It may come from any kernel enqueued before. The device is lost to this process's context: dispose it and "
            + "open it again; if that fails, start a new process. '--device virtual' finds such kernels.",
        _ => null,
    };
}
