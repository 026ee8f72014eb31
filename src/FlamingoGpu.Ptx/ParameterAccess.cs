namespace FlamingoGpu.Ptx;

/// <summary>What a kernel does with the memory behind a pointer parameter.</summary>
public enum ParameterAccess
{
    /// <summary>A plain number, passed by value.</summary>
    Value,

    /// <summary>Only reads it.</summary>
    Read,

    /// <summary>Only writes it.</summary>
    Write,

    /// <summary>Reads and writes it.</summary>
    ReadWrite,
}
