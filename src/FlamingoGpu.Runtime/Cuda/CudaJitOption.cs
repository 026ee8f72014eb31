namespace FlamingoGpu.Runtime.Cuda;

/// <summary><c>CUjit_option</c>. Each has a value of pointer size: a number, or an address.</summary>
internal enum CudaJitOption
{
    /// <summary>Upper bound of registers.</summary>
    MaxRegisters = 0,

    /// <summary>Gives back milliseconds.</summary>
    WallTime = 2,

    /// <summary>Address of the buffer for information.</summary>
    InfoLog = 3,

    /// <summary>Its bytes; gives back how many were written.</summary>
    InfoLogBytes = 4,

    /// <summary>Address of the buffer for errors.</summary>
    ErrorLog = 5,

    /// <summary>Its bytes; gives back how many were written.</summary>
    ErrorLogBytes = 6,

    /// <summary>0 to 4.</summary>
    OptimizationLevel = 7,

    /// <summary>Assembles for the device of the current context.</summary>
    TargetFromContext = 8,

    /// <summary>1 keeps what a debugger needs.</summary>
    DebugInfo = 11,

    /// <summary>1 reports registers, spills and warnings.</summary>
    LogVerbose = 12,

    /// <summary>1 keeps line numbers.</summary>
    LineInfo = 13,
}
