using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>A floating-point element: kernels written over it serve f32, f16 and bf16 with one text.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IFloating<TSelf> : IDeviceValue<TSelf>
    where TSelf : struct, IFloating<TSelf>
{
    /// <summary>The value as f32; exact.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    F32 ToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "");

    internal static abstract TSelf Round(F32 value, int line, string file);
}
