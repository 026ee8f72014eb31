namespace FlamingoGpu.Ptx;

/// <summary>
/// A 16-bit element that the tensor cores multiply with f32 accumulation: <see cref="BF16"/> or <see cref="F16"/>.
/// </summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IMatrixElement<TSelf> : IFloating<TSelf>
    where TSelf : struct, IMatrixElement<TSelf>
{
    internal static abstract B32 Pack(F32 low, F32 high, int line, string file);
}
