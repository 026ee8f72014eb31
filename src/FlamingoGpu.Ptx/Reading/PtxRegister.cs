namespace FlamingoGpu.Ptx.Reading;

/// <summary>A virtual register of one kernel.</summary>
/// <param name="Name">As declared, with the percent sign.</param>
/// <param name="Type">Declared type; never 8 bits wide.</param>
/// <param name="Index">Position among the registers the kernel uses, from 0 in order of first use.</param>
public sealed record PtxRegister(string Name, PtxType Type, int Index);
