namespace FlamingoGpu.Runtime.Cuda;

/// <summary><c>CUresult</c>: those values that something here asks for or has advice about.</summary>
internal enum CudaStatus
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>An argument is wrong.</summary>
    InvalidValue = 1,

    /// <summary>Not enough memory on the device, or of the host for pinning.</summary>
    OutOfMemory = 2,

    /// <summary><c>cuInit</c> was not called, or failed.</summary>
    NotInitialized = 3,

    /// <summary>The process is ending.</summary>
    Deinitialized = 4,

    /// <summary>There is a driver and no card, or none is visible.</summary>
    NoDevice = 100,

    /// <summary>No card of that number.</summary>
    InvalidDevice = 101,

    /// <summary>Memory of the card is damaged.</summary>
    EccUncorrectable = 214,

    /// <summary>The text is not PTX.</summary>
    InvalidPtx = 218,

    /// <summary>The driver has no assembler with it.</summary>
    JitCompilerNotFound = 221,

    /// <summary>The text's <c>.version</c> is newer than the driver.</summary>
    UnsupportedPtxVersion = 222,

    /// <summary>No such function or symbol.</summary>
    NotFound = 500,

    /// <summary>Work before the mark is still running.</summary>
    NotReady = 600,

    /// <summary>A kernel touched memory that is not its own.</summary>
    IllegalAddress = 700,

    /// <summary>Registers or shared memory do not suffice for this shape.</summary>
    LaunchOutOfResources = 701,

    /// <summary>A kernel ran longer than the system's watchdog allows.</summary>
    LaunchTimeout = 702,

    /// <summary>A trap in a kernel.</summary>
    Assert = 710,

    /// <summary>A call stack broke.</summary>
    HardwareStackError = 714,

    /// <summary>A kernel met an instruction the card has not.</summary>
    IllegalInstruction = 715,

    /// <summary>A kernel read or wrote at an address that is not a multiple of the size.</summary>
    MisalignedAddress = 716,

    /// <summary>A kernel used an address of another state space.</summary>
    InvalidAddressSpace = 717,

    /// <summary>A kernel ran off its code.</summary>
    InvalidPc = 718,

    /// <summary>A kernel failed for another reason.</summary>
    LaunchFailed = 719,

    /// <summary>The services the card needs are not running yet.</summary>
    SystemNotReady = 802,

    /// <summary>Kernel module and library of the driver have different versions.</summary>
    SystemDriverMismatch = 803,

    /// <summary>A call that waits or allocates, between begin and end of a capture.</summary>
    StreamCaptureUnsupported = 900,

    /// <summary>The capture failed at an earlier call.</summary>
    StreamCaptureInvalidated = 901,

    /// <summary>Memory is allocated or freed between begin and end of a capture.</summary>
    StreamCaptureImplicit = 906,
}
