namespace FlamingoGpu.Ptx;

/// <summary>
/// The registers of one lane that hold a piece of a matrix for the tensor cores: four for a 16-row left factor, or
/// for two
/// 8-column right factors side by side.
/// </summary>
/// <typeparam name="T">Type of the elements.</typeparam>
public readonly struct Frag<T>
    where T : struct, IDeviceValue<T>
{
    private readonly B32[] _registers;

    internal Frag(B32[] registers) => _registers = registers;

    /// <summary>All four registers, as a left factor.</summary>
    public ReadOnlySpan<B32> Left => _registers;

    /// <summary>The two registers of one right factor.</summary>
    /// <param name="index">0 for the first 8 columns, 1 for the next 8.</param>
    public ReadOnlySpan<B32> Right(int index) => _registers.AsSpan(2 * index, 2);
}
